import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { startDrill } from "../../src/cli/drill.ts";
import { testPrivateKey } from "../contract/world.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest(["alice"]);

const SERVER = { APP_ID: "4242", PRIVATE_KEY: testPrivateKey(), WEBHOOK_SECRET: "a webhook secret for tests" };
const ON_CALL = `rotations: { week: { start: 2020-01-06, members: [alice] } }
roles: { primary: { layers: [week] } }
`;

interface Asked {
  readonly repository?: string;
  readonly severity?: string;
  readonly json?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the command as the app of a story, and lets its server do what follows. */
async function run(story: Story, { repository = "acme/ops", severity, json = false, env = SERVER }: Asked = {}) {
  let text = "";
  const code = await startDrill({
    repository,
    severity,
    json,
    env,
    clock: story.clock,
    connect: () => story.github,
    write: (written) => {
      text += written;
    },
  });
  await story.settle();
  return { code, text };
}

describe("sevgate drill", () => {
  it("opens an incident that the server takes for a drill at once, and pages for", async () => {
    const story = await Story.begin();
    story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
    await story.settle();
    const { code, text } = await run(story, { severity: "p1" });
    const [issue] = story.github.numbers(story.repository);
    expect({ code, text }).toEqual({
      code: 0,
      text: `A drill of a P1 has started: https://github.com/acme/ops/issues/${issue}\n`,
    });
    expect(story.github.issue(issue!)).toMatchObject({
      title: "Drill: P1 for practice",
      author: { login: "sevgate[bot]" },
      labels: expect.arrayContaining(["sev:P1", "drill", "incident:declared"]),
    });
    expect(story.github.labels()).toContainEqual(expect.objectContaining({ name: "drill", color: "bfd4f2" }));
    expect(story.history(issue!)).toMatchObject({ severity: "P1", drill: { by: "sevgate[bot]" } });
    expect(story.replies(issue!)).toEqual([expect.stringMatching(/^\*\*Drill\*\* · 📟 @alice/)]);
  });

  it("takes the most severe level and the label of the policy, and prints one JSON object for scripts", async () => {
    const policy = "drills: { label: exercise }\nseverities: { critical: {}, minor: {} }";
    const story = await Story.begin({ policy });
    const { code, text } = await run(story, { json: true });
    const [number] = story.github.numbers(story.repository);
    expect(code).toBe(0);
    const url = `https://github.com/acme/ops/issues/${number}`;
    expect(JSON.parse(text)).toEqual({ started: { repository: "acme/ops", number, url, severity: "critical" } });
    expect(story.github.issue(number!).labels).toEqual(expect.arrayContaining(["sev:critical", "exercise"]));
  });

  it("goes by the owner's policy where the repository's extends it", async () => {
    const story = await Story.begin();
    const files = { ".github/sevgate.yml": "drills: { label: exercise }\nseverities: { SEV1: {} }" };
    story.github.addRepository({ owner: "acme", name: ".github", files });
    story.github.setFile(".github/sevgate.yml", "extends: owner", story.repository);
    story.hint({ kind: "repository", repository: story.repository });
    await story.advance(60 * 60_000);
    expect(await run(story)).toMatchObject({ code: 0, text: expect.stringMatching(/^A drill of a SEV1 has started/) });
    const [issue] = story.github.numbers(story.repository);
    expect(story.github.issue(issue!, story.repository).labels).toEqual(
      expect.arrayContaining(["sev:SEV1", "exercise"]),
    );
    expect(story.history(issue!).drill).not.toBeNull();
  });

  it.each<[string, Asked, string, string]>([
    ["no repository", { repository: "ops" }, "bad-argument", "Name a repository like acme/ops."],
    ["a severity there is not", { severity: "P9" }, "bad-argument", "Choose P0, P1 or P2"],
    ["no settings of the server", { env: {} }, "settings", "Run it with the settings of the server"],
    ["an account without the app", { repository: "other/ops" }, "not-installed", "The app is not installed on other"],
    ["a repository there is not", { repository: "acme/none" }, "no-repository", "There is no acme/none"],
  ])("says what to do for %s, and opens nothing", async (_, asked, kind, says) => {
    const story = await Story.begin();
    const plain = await run(story, asked);
    expect(plain).toEqual({ code: 1, text: expect.stringContaining(says) });
    const { error } = JSON.parse((await run(story, { ...asked, json: true })).text) as { error: object };
    expect(error).toEqual({ kind, message: plain.text.trimEnd() });
    expect(story.github.numbers(story.repository)).toEqual([]);
  });

  it("starts none by a policy that cannot be used", async () => {
    const story = await Story.begin({ policy: "severities: nonsense" });
    expect(await run(story)).toEqual({ code: 1, text: expect.stringContaining("Fix .github/sevgate.yml of acme/ops") });
  });

  it("says to look first when the answer was lost, as a second drill would page people again", async () => {
    const story = await Story.begin();
    story.github.faults.fail({ method: "createIssue", when: "after", error: new TransientError("GitHub timed out.") });
    const { code, text } = await run(story);
    expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/^Look first whether the issue is there/) });
    expect(story.github.numbers(story.repository)).toHaveLength(1);
  });
});
