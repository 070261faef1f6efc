import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { derive } from "../../../src/core/derive.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { reply } from "../../../src/core/render/replies.ts";
import { codeOwnersOf } from "../../../src/core/who/code-owners.ts";
import { whoKnows } from "../../../src/core/who/who-knows.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";
import { buildObservation, NINE } from "../../support/build-observation.ts";
import { mentionedIn } from "../../support/mentioned-in.ts";
import { unseenIn } from "../../support/unseen-in.ts";

const author = (login: string) => ({ id: login.length, login, isBot: login.endsWith("[bot]") });

describe("code owners", () => {
  it.each([
    ["everything", "*", "src/a.ts", true],
    ["an extension anywhere", "*.js", "src/deep/a.js", true],
    ["a folder at the root", "/build/logs/", "build/logs/deep/x.log", true],
    ["but not the same folder elsewhere", "/build/logs/", "src/build/logs/x.log", false],
    ["what is directly in a folder", "docs/*", "docs/a.md", true],
    ["but nothing deeper", "docs/*", "docs/deep/a.md", false],
    ["a folder anywhere", "apps/", "src/apps/x/y.ts", true],
    ["a folder without its slash", "/scripts", "scripts/deep/x.sh", true],
    ["a folder below any other", "**/logs", "a/b/logs/x.log", true],
    ["a file of that name", "/README.md", "README.md", true],
    ["not what GitHub does not take", "[abc].ts", "a.ts", false],
    ["nor an exception", "!*.ts", "a.ts", false],
  ])("own %s", (_, pattern, path, owns) => {
    expect(codeOwnersOf(`${pattern} @alice`, path)).toEqual(owns ? [{ name: "alice", isTeam: false }] : []);
  });

  it("are those of the last line that matches, comments, teams and addresses understood", () => {
    const file = "# all\n* @alice\nsrc/ @acme/web bob@example.com @bob # inline\n/src/free/\n";
    expect(codeOwnersOf(file, "src/a.ts")).toEqual([
      { name: "acme/web", isTeam: true },
      { name: "bob", isTeam: false },
    ]);
    expect(codeOwnersOf(file, "src/free/a.ts")).toEqual([]);
    expect(codeOwnersOf(file, "b.ts")).toEqual([{ name: "alice", isTeam: false }]);
  });

  it("are found in bounded time, whatever is in the file and the path", () => {
    fc.assert(fc.property(hostileText, hostileText, (file, path) => void codeOwnersOf(file, path)));
    expect(codeOwnersOf(`${"*a".repeat(400)}b @alice\n`.repeat(200), "a".repeat(1_000))).toEqual([]);
  });
});

describe("who knows more", () => {
  const paths = ["src/a.ts", "src/b.ts"];

  it("is who owns most of the files, then who changed them most; at most five, and no bot", () => {
    const codeOwners = "src/ @dana\n/src/b.ts @dana @erik @acme/web\n";
    const authors = ["bob", "carl", "carl", "deploy[bot]", "f", "g", "h"].map(author);
    const { people, teams } = whoKnows({ paths, codeOwners, authors }, null, NINE);
    expect(people.map(({ login }) => login)).toEqual(["dana", "erik", "carl", "bob", "f"]);
    expect(teams).toEqual(["acme/web"]);
  });

  it("is named and never mentioned, whatever names there are", () => {
    const context = {
      gate: derive(buildObservation())!.gate,
      policy: defaultPolicy(),
      issueUrl: "https://github.com/acme/ops/issues/1",
    };
    fc.assert(
      fc.property(hostileText, hostileText, (one, two) => {
        const facts = { paths: [one], codeOwners: null, authors: [author(one), author(two)] };
        const experts = { ...whoKnows(facts, null, NINE), teams: [two] };
        const text = reply("m-1", { kind: "who", experts, paths: [one] }, context as never);
        expect(mentionedIn(text)).toEqual([]);
        expect(unseenIn(text)).toBeNull();
      }),
    );
  });
});
