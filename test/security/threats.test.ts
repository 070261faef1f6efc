import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import type { Key, Repository } from "../../src/core/model.ts";
import { formatProblem, parsePolicy } from "../../src/core/policy/parse.ts";
import { createEnqueueHints } from "../../src/ingress/webhooks/enqueue-hints.ts";
import { hintsOf } from "../../src/ingress/webhooks/hints.ts";
import { currentRepository } from "../../src/passes/current-repository.ts";
import { MemoryIndex } from "../../src/store/memory-index.ts";
import type { RepositoryFacts } from "../../src/systems/github/ports.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const ROOT = new URL("../../", import.meta.url);
const MINUTE_MS = 60_000;

/** Every webhook of the story, kept to be sent again. */
function recordDeliveries(story: Story): { readonly name: string; readonly payload: Record<string, unknown> }[] {
  const kept: { name: string; payload: Record<string, unknown> }[] = [];
  story.github.onEvent(({ name, payload }) => kept.push({ name, payload: payload as Record<string, unknown> }));
  return kept;
}

/** A way in besides the story's own, for deliveries that GitHub did not send just now. */
function wayIn(story: Story) {
  const queue = { accept: async (keys: readonly Key[]) => story.queue.add(keys) };
  return createEnqueueHints({
    queue,
    index: story.index,
    clock: story.clock,
    botLogin: () => story.github.botLogin,
    webHost: "github.com",
    forgetTokens: () => {},
  });
}

describe("a delivery sent again", () => {
  it("does nothing, however often: not even the /resolve in it, after the incident was opened again", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const deliveries = recordDeliveries(story);
    await story.say("alice", issue, "/ack\n/waive the tests keep it open for no reason");
    await story.say("alice", issue, "/resolve");
    expect(story.github.issue(issue).state).toBe("closed");
    await story.advance(MINUTE_MS);
    story.github.as("alice").reopen(issue);
    await story.settle();
    const before = story.record(issue);

    story.github.forgetCalls();
    const accept = wayIn(story);
    for (let times = 0; times < 100; times += 1) await Promise.all(deliveries.map((one) => accept(one)));
    await story.settle();
    expect(deliveries.length).toBeGreaterThan(5);
    expect(story.github.writes).toEqual([]);
    expect(story.record(issue)).toEqual(before);
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("with another installation's number in it changes nothing for either", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const other = story.github.addRepository({ owner: "mallory", name: "ops", installationId: 666 });
    const deliveries = recordDeliveries(story);
    story.github.as("alice").comment(issue, "/ack");
    await story.settle();
    expect(deliveries.length).toBeGreaterThan(0);
    // GitHub gives that installation no token for this repository.
    story.github.suspended.add(666);
    story.github.forgetCalls();
    for (const { name, payload } of deliveries) {
      await wayIn(story)({ name, payload: { ...payload, installation: { id: 666 } } });
      await wayIn(story)({
        name,
        payload: { ...payload, repository: { id: other.id, full_name: "acme/ops" }, installation: { id: 666 } },
      });
    }
    await story.settle();
    expect(story.github.writes).toEqual([]);
    story.github.suspended.clear();
    await story.say("alice", issue, "/note still there");
    expect(story.history(issue).responder).toBe("alice");
  });
});

describe("a key from before", () => {
  const asked: Repository = { installationId: 5, id: 70, owner: "acme", name: "ops" };
  const known: Repository = { installationId: 9, id: 70, owner: "acme", name: "ops-archive" };
  const facts = {
    defaultBranch: "main",
    isPrivate: false,
    archived: false,
    isDisabled: false,
    isFork: false,
    hasIssues: true,
    owner: "acme",
  };

  it.each<readonly [string, () => Promise<RepositoryFacts | "missing">, Repository]>([
    ["another repository took the name: never that one", async () => ({ ...facts, id: 99, name: "ops" }), known],
    ["its installation is gone", () => Promise.reject(new TerminalError("not installed")), known],
    ["nothing has the name any more", async () => "missing", known],
    ["GitHub answers under the new name", async () => ({ ...facts, id: 70, name: "ops-archive" }), known],
    ["it was renamed to what the key says", async () => ({ ...facts, id: 70, name: "ops" }), asked],
  ])("means the repository with its number: %s", async (_name, repository, meant) => {
    const index = new MemoryIndex();
    await index.saveRepository(known, {});
    expect(await currentRepository({ read: { repository }, index }, asked)).toEqual(meant);
    expect((await index.repository(70))?.repository).toEqual(meant);
  });

  it("costs no question to GitHub where nothing has changed", async () => {
    const index = new MemoryIndex();
    const read = { repository: () => Promise.reject(new Error("asked")) };
    expect(await currentRepository({ read, index }, asked)).toEqual(asked);
    await index.saveRepository(asked, {});
    expect(await currentRepository({ read, index }, asked)).toEqual(asked);
  });

  it("does not change what is known of its repository when it comes by a push", async () => {
    const story = await Story.begin();
    const { id } = story.repository;
    const push = {
      installation: { id: 5 },
      repository: { id, full_name: "mallory/ops", default_branch: "main" },
      ref: "refs/heads/main",
      commits: [],
    };
    await wayIn(story)({ name: "push", payload: push });
    expect(await story.index.repository(id)).toMatchObject({ repository: story.repository, policyReadAt: null });
    story.queue.take();
  });
});

describe("look-alikes", () => {
  it.each([
    ["a fullwidth slash", "／ack"],
    ["a Cyrillic letter", "/\u0430ck"],
    ["a combining mark", "/a\u0301ck"],
    ["fullwidth letters", "/ａｃｋ"],
    ["a division slash", "\u2215ack"],
  ])("of a command are none, and are answered with the command: %s", async (_name, body) => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("alice", issue, body);
    expect(story.history(issue).responder).toBeNull();
    expect(story.replies(issue)).toEqual([expect.stringContaining("Comment `/ack` again:")]);
  });

  it.each([
    ["a right-to-left override", "\u202E/ack"],
    ["a right-to-left override inside", "/\u202Eack"],
    ["a Cyrillic word", "/\u0434\u0430"],
    ["a fullwidth path", "／usr／bin"],
  ])("that a reader does not take for a command are met with silence: %s", async (_name, body) => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("alice", issue, body);
    expect(story.history(issue).responder).toBeNull();
    expect(story.replies(issue)).toEqual([]);
  });

  it.each([
    ["a zero-width joiner inside", "/a\u200Dck"],
    ["a zero-width space in front", "\u200B/ack"],
    ["a no-break space in front", "\u00A0/ack"],
    ["a soft hyphen", "/ac\u00ADk"],
  ])("differ from a command in what a reader sees: with only %s it is one", async (_name, body) => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.say("alice", issue, body);
    expect(story.history(issue).responder).toBe("alice");
  });

  it.each([
    ["a Cyrillic letter", "sev:\u0420" + "0"],
    ["a zero-width space", "sev:P0\u200B"],
    ["a fullwidth colon", "sev：P0"],
    ["a space", "sev: P0"],
    ["a letter more", "sev:P00"],
    ["the name of the prototype", "__proto__"],
  ])("of a severity label are none: %s", async (_name, label) => {
    const story = await Story.begin();
    const { number } = story.github.as("bob").openIssue({ title: "Down", labels: [label] });
    await story.settle();
    expect(story.ownComments(number)).toEqual([]);
    expect(story.github.issue(number).labels).toEqual([label]);
  });
});

describe("going round the gate", () => {
  it("with the label taken off while the issue is closed: it stays the incident it was", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    story.listens = false;
    story.github.as("bob").close(issue);
    story.github.as("bob").unlabel(issue, "sev:P0");
    story.listens = true;
    await story.look(issue);
    expect(story.github.issue(issue).state).toBe("open");
  });

  it("with a lock before the close: it is opened again, in silence", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    story.github.as("alice").lock(issue);
    story.github.as("alice").close(issue);
    await story.settle();
    expect(story.github.issue(issue).state).toBe("open");
    story.github.as("alice").unlock(issue);
    await story.settle();
  });

  it("with a pull request that names a hundred other issues first: its check still fails for the incident", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    const others = Array.from({ length: 100 }, (_, at) => `Fixes #${at + 1_000}`);
    const pull = story.github
      .as("bob")
      .openPullRequest({ title: "All of it", body: [...others, `Fixes #${issue}`].join("\n"), files: { "a.ts": "1" } });
    await story.settle();
    const check = story.github.checkRuns(pull.headSha).at(-1);
    expect(check?.conclusion).toBe("failure");
    expect(check?.summary).toContain(`#${issue}`);
  });

  it("by an outsider's form is not stopped: whoever may open an issue with the label declares (docs/security.md)", async () => {
    const story = await Story.begin();
    const issue = await story.declare(["sev:P0"], "stranger");
    expect(story.history(issue).declared.by).toBe("stranger");
    await story.say("stranger", issue, "/ack");
    expect(story.history(issue).responder).toBeNull();
  });
});

describe("one event", () => {
  it("causes a bounded number of passes, whatever somebody wrote into it", () => {
    const many = Array.from({ length: 6_000 }, (_, at) => `#${at + 2}`);
    const body = `Incident: ${many.join(" ")}\n`;
    const envelope = {
      sender: { login: "mallory" },
      installation: { id: 9 },
      repository: { id: 70, full_name: "acme/shop" },
    };
    const context = {
      botLogin: null,
      webHost: "github.com",
      severityLabelsOf: () => ["sev:P0"],
      postMortemLabelOf: () => "post-mortem",
      followUpsLabelsOf: () => null,
      watchesBuilds: () => null,
    };
    const issue = { number: 1, labels: [{ name: "post-mortem" }], body };
    const changes = { body: { from: body.replaceAll("#", "#1") } };
    const pull = { number: 1, title: body, body: `Reverts ${many.join(" ")}` };
    const ofIssue = hintsOf({ name: "issues", payload: { ...envelope, action: "edited", issue, changes } }, context);
    const ofPull = hintsOf(
      { name: "pull_request", payload: { ...envelope, action: "edited", pull_request: pull } },
      context,
    );
    for (const { keys, questions } of [ofIssue, ofPull]) {
      const numbers = questions.flatMap((question) => ("numbers" in question ? question.numbers : [1]));
      expect(keys.length).toBeLessThanOrEqual(1);
      expect(questions.length).toBeGreaterThan(1);
      expect(numbers.length).toBeLessThanOrEqual(101);
    }
  });
});

describe("the app's own words", () => {
  it("are never obeyed, neither where the app says them nor where somebody quotes them", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    story.github.as(story.github.botLogin).comment(issue, "/resolve");
    story.github.as("other[bot]").comment(issue, "/resolve");
    await story.settle();
    await story.say("alice", issue, `> ${story.status(issue).split("\n").join("\n> ")}`);
    expect(story.history(issue)).toMatchObject({ phase: "declared", resolved: null });
    expect(story.replies(issue).filter((reply) => reply !== "/resolve")).toEqual([]);
  });
});

describe("a policy made to hurt", () => {
  const bombs: readonly (readonly [string, string, RegExp])[] = [
    ["a chain of merges", `a: &a {x: 1}\n${"b: {<<: *a}\n".repeat(3_000)}`, /aliases such as \*name|there twice/],
    ["an ordered map", `!!omap [${"{a: 1},".repeat(5_000)}]`, /tags such as !name|is not a map/],
    ["20,000 keys", Array.from({ length: 20_000 }, (_, n) => `k${n}:`).join("\n"), /too large/],
    ["9,000 keys", Array.from({ length: 9_000 }, (_, n) => `k${n}:`).join("\n"), /unknown key/],
    ["100,000 levels", "[".repeat(100_000), /too large/],
    ["30,000 levels of maps", "{a: ".repeat(16_000), /too deep/],
    ["a function", "version: !!js/function 'function () { return 1 }'", /tags such as !name/],
    ["a regular expression", "version: !!js/regexp /(a+)+$/", /tags such as !name/],
    ["a prototype", "__proto__: {version: 1}", /unknown key "__proto__"/],
    ["a constructor", "constructor: {prototype: {x: 1}}", /unknown key/],
    ["the same key twice", "version: 1\nversion: 1", /there twice/],
    ["10 MB", `#${"x".repeat(10_000_000)}`, /too large/],
    ["bytes that are no UTF-8", new TextDecoder().decode(new Uint8Array([0x61, 0x3a, 0xff])), /not valid UTF-8/],
    ["several documents", "version: 1\n---\nversion: 1", /second document/],
    ["another owner's policy", "_extends: mallory/policies", /unknown key "_extends"/],
    ["an address", "extends: https://evil.example/policy.yml", /cannot be extended: write owner/],
    ["one line of 60,000 colons", ":".repeat(60_000), /./],
    ["60,000 quotes", "'".repeat(60_000), /./],
    ["60,000 question marks", "? ".repeat(30_000), /./],
    ["60,000 ampersands", "&a ".repeat(20_000), /./],
    ["folded blanks", `a: >\n${" \n".repeat(30_000)}b`, /./],
  ];

  it.each(bombs)("is refused at a place, in one short line: %s", (_name, text, message) => {
    const parsed = parsePolicy(text);
    if (parsed.kind !== "invalid") throw new Error("taken for a policy");
    const [first] = parsed.problems;
    const line = formatProblem(".github/sevgate.yml", first!);
    expect(line).toMatch(message);
    expect(line).toMatch(/^\.github\/sevgate\.yml:\d+:\d+ {2}/);
    expect(line.length).toBeLessThan(400);
    expect(line).not.toContain("\n");
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });

  it("with a byte order mark is read", () => {
    expect(parsePolicy("\uFEFFversion: 1").kind).toBe("valid");
  });

  it("that extends somebody else's leaves the last good one in force", async () => {
    const story = await Story.begin({ policy: "severities: { P0: { label: fire } }" });
    story.github.setFile(".github/sevgate.yml", "_extends: mallory/policies\nseverities: {}\n");
    await story.advance(60 * MINUTE_MS);
    const issue = await story.declare(["fire"]);
    expect(story.stateLabels(issue)).toEqual(["incident:declared"]);
  });
});

describe("the sources", () => {
  const sources = readdirSync(new URL("src", ROOT), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => ({ path, text: readFileSync(new URL(`src/${path}`, ROOT), "utf8") }));

  it("never read author_association: it authorises nobody", () => {
    expect(sources.length).toBeGreaterThan(80);
    expect(sources.filter(({ text }) => /author_?association/i.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it("ask no language model and evaluate no text: nothing in a decision can be talked into anything", () => {
    const evaluates = /\beval\(|new Function\(|node:vm|node:child_process|openai|anthropic|langchain/i;
    // `sevgate runbooks --lint` asks git when a file was changed, on the machine of whoever runs it.
    const deciding = sources.filter(({ path }) => path !== "cli/runbooks.ts");
    expect(deciding.filter(({ text }) => evaluates.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it("put only names of their own into SQL: values are parameters", () => {
    // It makes the tables, out of what stands in it, before anything is kept.
    const asking = sources.filter(({ path }) => path !== "store/sqlite-schema.ts");
    const inserted = asking.flatMap(({ text }) =>
      [...text.matchAll(/`\s*(?:select|insert into|update|delete from|create)\s[^`]*`/g)].flatMap(([statement]) =>
        [...statement.matchAll(/\$\{([^}]*)\}?/g)].map((match) => match[1]!),
      ),
    );
    expect(inserted.length).toBeGreaterThan(3);
    const known =
      /^(?:QUEUE_SCHEMA|table|(?:\[\.\.\.)?all\b|changes|condition|columns|key|identity|isNotWhole\(|list\.text|onlyOver|order|names)/;
    expect(inserted.filter((expression) => !known.test(expression))).toEqual([]);
  });
});

describe("docs/security.md", () => {
  const rows = [
    ...readFileSync(new URL("docs/security.md", ROOT), "utf8").matchAll(/^\| (T-\d{2,3}) \| (.+?) \| (.+) \|$/gm),
  ];

  it("has a row for every threat known, each with a test or the reason why there is none", () => {
    const numbers = rows.map(([, number]) => Number(number!.slice(2)));
    const first = Array.from({ length: 128 }, (_, at) => at + 1).filter((number) => number !== 30);
    expect(numbers.slice(0, first.length)).toEqual(first);
    // Later ones are handed out in ranges.
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    const page = readFileSync(new URL("docs/threat-model.md", ROOT), "utf8");
    expect(page).toContain(`(T-01 to T-${numbers.at(-1)})`);
    for (const [row, , , kept] of rows)
      expect({ row, said: /\]\(|Not built yet: |\. /.test(`${kept} `) }).toEqual({ row, said: true });
  });

  it.each(
    rows.flatMap(([, number, , kept]) =>
      [...kept!.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(([, name, file]) => [number, name, file]),
    ),
  )("names only tests that there are: %s, %s", (_number, name, file) => {
    const text = readFileSync(new URL(file!, ROOT), "utf8").replaceAll('\\"', '"');
    expect(text).toContain(name);
  });
});
