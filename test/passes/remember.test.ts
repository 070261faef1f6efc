import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import type { Instant } from "../../src/core/model.ts";
import { LearnedInLook } from "../../src/observe/learned-in-look.ts";
import { remember } from "../../src/passes/remember.ts";
import { Story } from "../support/story.ts";

const BEFORE = 1 as Instant;
const NOW = 2 as Instant;

describe("What a look has learned", () => {
  it("is seen by the look itself at once, and by the index when it is kept", async () => {
    const { index, repository } = await Story.begin();
    const learned = new LearnedInLook();
    const through = learned.over(index);
    learned.noteRepository(repository, { isPrivate: true }, await index.repository(repository.id));
    expect((await through.repositoryByName("Acme/Ops"))?.isPrivate).toBe(true);
    expect((await index.repository(repository.id))?.isPrivate).toBe(false);
    await remember({ index: through, learned });
    expect((await index.repository(repository.id))?.isPrivate).toBe(true);
    expect(learned.take()).toEqual({ repositories: [], links: [] });
  });

  it("is kept also when the look fails halfway: the next pass does not read the policy again", async () => {
    const story = await Story.begin();
    const issue = await story.declare();
    await story.index.saveRepository(story.repository, { policyReadAt: null });
    story.github.faults.fail({ method: "comments", error: new TransientError("busy") });
    story.github.forgetCalls();
    story.github.as("alice").comment(issue, "/ack");
    await story.settle();
    expect(story.github.reads).toContain("file");
    story.github.forgetCalls();
    await story.advance(10_000);
    expect(story.history(issue).responder).toBe("alice");
    expect(story.github.reads).not.toContain("file");
  });

  it("leaves a policy to be read again that was told to have changed while it was read", async () => {
    const { index, repository } = await Story.begin();
    await index.saveRepository(repository, { policyReadAt: BEFORE });
    const learned = new LearnedInLook();
    learned.noteRepository(
      repository,
      { policyReadAt: NOW, postMortemLabel: "learned" },
      await index.repository(repository.id),
    );
    await index.saveRepository(repository, { policyHint: 1 });
    await remember({ index, learned });
    expect(await index.repository(repository.id)).toMatchObject({ policyReadAt: null, postMortemLabel: "learned" });
  });

  it("leaves a policy to be read again that changed twice: once before it was read, and once while it was", async () => {
    const { index, repository } = await Story.begin();
    const lookAndRemember = async (meanwhile: () => Promise<void>) => {
      const learned = new LearnedInLook();
      learned.noteRepository(repository, { policyReadAt: NOW }, await index.repository(repository.id));
      await meanwhile();
      await remember({ index, learned });
      return (await index.repository(repository.id))?.policyReadAt;
    };
    await index.saveRepository(repository, { policyHint: 1 });
    expect(await lookAndRemember(() => index.saveRepository(repository, { policyHint: 2 }))).toBeNull();
    expect(await lookAndRemember(async () => {})).toBe(NOW);
  });
});
