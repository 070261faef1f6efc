import { afterAll, afterEach, expect } from "@jest/globals";
import type { Key, Repository } from "../../src/core/model.ts";
import { commandsThatFail } from "./commands-that-fail.ts";
import { mentionedIn } from "./mentioned-in.ts";
import { Story } from "./story.ts";

/**
 * After every story in the file: another look at everything changes nothing; Sevgate has mentioned nobody except those
 * in `mayMention`, people from the on-call file; and what it shows as a command is one when copied.
 *
 * Call it once at the top of a file of stories.
 */
export function everyStoryEndsAtRest(mayMention: readonly string[] = []): void {
  const begun: Story[] = [];
  Story.begun = begun;
  afterAll(() => {
    Story.begun = null;
  });
  afterEach(async () => {
    for (const story of begun.splice(0)) {
      await story.settle();
      // What is late is listed once a day, and the report of a period comes with the first sweep after it.
      for (const { repository } of await story.index.repositories()) {
        story.hint({ kind: "follow-ups", repository }, { kind: "report", repository });
      }
      await story.settle();
      story.github.forgetCalls();
      for (const { repository } of await story.index.repositories()) story.hint(...everyKey(story, repository));
      await story.settle();
      expect(story.github.writes).toEqual([]);
      const mentioned = saidByTheApp(story).flatMap(mentionedIn);
      expect(saidByTheApp(story).flatMap(commandsThatFail)).toEqual([]);
      expect(mentioned.filter((one) => !mayMention.includes(one.slice(1)))).toEqual([]);
    }
  });
}

function everyKey(story: Story, repository: Repository): readonly Key[] {
  const numbers = story.github.numbers(repository);
  return [
    ...numbers.map((number): Key => ({ kind: "incident", repository, number })),
    ...numbers.map((number): Key => ({ kind: "pull-request", repository, number })),
    { kind: "repository", repository },
    { kind: "follow-ups", repository },
    { kind: "report", repository },
    { kind: "onboarding", repository },
  ];
}

function saidByTheApp(story: Story): readonly string[] {
  const { github, repository } = story;
  const isOurs = (login: string | undefined) => login === github.botLogin;
  const numbers = github.numbers(repository);
  return [
    ...numbers.flatMap((number) => github.comments(number, repository).filter((one) => isOurs(one.author?.login))),
    ...github.allCheckRuns(repository).map((run) => ({ body: `${run.title}\n${run.summary}` })),
  ].map(({ body }) => body);
}
