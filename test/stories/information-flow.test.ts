import { describe, expect, it } from "@jest/globals";
import type { Repository } from "../../src/core/model.ts";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const MINUTE_MS = 60_000;

/** A public repository, acme/ops, and a private one with an incident in it; the same installation sees both. */
async function besideSecret(
  options: { readonly policy?: string; readonly secretPolicy?: string; readonly isPrivate?: boolean } = {},
): Promise<{ story: Story; secret: Repository; incident: number }> {
  const story = await Story.begin(options.policy === undefined ? {} : { policy: options.policy });
  const files = options.secretPolicy === undefined ? {} : { ".github/sevgate.yml": options.secretPolicy };
  const isPrivate = options.isPrivate ?? true;
  const secret = story.github.addRepository({ owner: "acme", name: "secret", isPrivate, files });
  for (const login of ["alice", "bob"]) story.github.setRole(login, "maintain", secret);
  story.hint({ kind: "repository", repository: secret });
  await story.settle();
  const { number } = story.github
    .as("bob", secret)
    .openIssue({ title: "Payroll leaks", body: "Canary.", labels: ["sev:P0"] });
  await story.settle();
  await story.advance(MINUTE_MS);
  story.github.forgetCalls();
  return { story, secret, incident: number };
}

/** Everything that was asked about the private repository. */
function askedOf(story: Story, repository: Repository): readonly string[] {
  const name = `${repository.owner}/${repository.name}`;
  return story.github.calls.filter((call) => call.repository === name).map(({ method }) => method);
}

function checksOf(story: Story, number: number) {
  return story.github.checkRuns(story.github.pullRequest(number).headSha);
}

describe("A pull request of a public repository that would close a private incident", () => {
  it.each([
    { name: "in its description", open: { title: "Fix", body: "Fixes acme/secret#1" } },
    { name: "in its title", open: { title: "Fixes acme/secret#1" } },
    { name: "in a commit", open: { title: "Fix", commits: ["Closes acme/secret#1"] } },
    { name: "by its address", open: { title: "Fix", body: "Fixes https://github.com/acme/secret/issues/1" } },
  ])("$name, is told the reference and that it was not looked at, and nothing is read for it", async ({ open }) => {
    const { story, secret } = await besideSecret();
    const { number } = story.github.as("rita").openPullRequest(open);
    await story.settle();
    expect(checksOf(story, number)).toMatchObject([{ conclusion: "success", title: "Closes no incident" }]);
    expect(checksOf(story, number)[0]?.summary).toContain("Not looked at from here: `acme/secret#1`.");
    expect(JSON.stringify(checksOf(story, number))).not.toMatch(/Payroll|P0|post-mortem/i);
    expect(askedOf(story, secret)).toEqual([]);
  });

  it("is told the same of an issue that is none, and of a repository that is not there", async () => {
    const { story } = await besideSecret();
    const summaries: (string | null | undefined)[] = [];
    for (const place of ["acme/secret#1", "acme/secret#99", "acme/nosuch#1"]) {
      const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes ${place}` });
      await story.settle();
      summaries.push(checksOf(story, number)[0]?.summary?.replace(place, "it"));
    }
    expect(new Set(summaries).size).toBe(1);
  });

  it("is not touched by what happens in the private repository later", async () => {
    const { story, secret, incident } = await besideSecret();
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    story.github.forgetCalls();
    story.github.as("alice", secret).comment(incident, "/ack");
    story.github.as("alice", secret).comment(incident, "/waive it was nothing at all");
    await story.settle();
    await story.advance(10 * MINUTE_MS);
    expect(story.github.calls.filter(({ repository }) => repository === "acme/ops")).toEqual([]);
    expect(checksOf(story, number)).toHaveLength(1);
  });

  it("does not name one that only its sidebar links", async () => {
    const { story, incident } = await besideSecret();
    const { number } = story.github
      .as("bob")
      .openPullRequest({ title: "Fix", links: [{ repository: "acme/secret", number: incident }] });
    await story.settle();
    expect(checksOf(story, number)[0]?.summary).not.toContain("secret");
  });

  it("shows it no more as soon as a public repository has become private", async () => {
    const { story, secret, incident } = await besideSecret({ isPrivate: false });
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    expect(checksOf(story, number)).toMatchObject([{ title: `Would close acme/secret#${incident} too early` }]);
    story.github.changeVisibility("private", secret);
    await story.settle();
    expect(JSON.stringify(checksOf(story, number).at(-1))).not.toContain("Payroll");
    expect(checksOf(story, number).at(-1)).toMatchObject({ title: "Closes no incident" });
  });

  it("shows it no more when no event told that it has become private, and again when it is public again", async () => {
    const { story, secret, incident } = await besideSecret({ isPrivate: false });
    story.github.setRepository({ isPrivate: true }, secret);
    const { number } = story.github.as("rita").openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}` });
    await story.settle();
    expect(checksOf(story, number)).toMatchObject([{ title: "Closes no incident" }]);
    story.github.changeVisibility("public", secret);
    await story.settle();
    story.hint({ kind: "pull-request", repository: story.repository, number });
    await story.settle();
    expect(checksOf(story, number).at(-1)).toMatchObject({ title: `Would close acme/secret#${incident} too early` });
  });

  it("is not shown it in another private repository either; what is public is shown in a private one", async () => {
    const { story, secret, incident } = await besideSecret();
    const vault = story.github.addRepository({ owner: "acme", name: "vault", isPrivate: true });
    story.hint({ kind: "repository", repository: vault });
    const open = await story.declare();
    const { headSha } = story.github
      .as("bob", vault)
      .openPullRequest({ title: "Fix", body: `Fixes acme/secret#${incident}, fixes acme/ops#${open}` });
    await story.settle();
    expect(story.github.checkRuns(headSha, vault)).toMatchObject([{ title: `Would close acme/ops#${open} too early` }]);
    expect(JSON.stringify(story.github.checkRuns(headSha, vault))).not.toContain("Payroll");
    expect(askedOf(story, secret)).toEqual([]);
  });
});
