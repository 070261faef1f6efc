import { itemBody } from "../../src/core/items/item-issue.ts";
import type { Repository } from "../../src/core/model.ts";
import { type InFront, Story } from "./story.ts";

export interface NewItem {
  readonly title?: string;
  readonly owner?: string | null;
  readonly due?: string | null;
  readonly paths?: readonly string[];
  /** Where its incident is; left out: in the repository itself. */
  readonly incidentOf?: Repository;
}

/** An incident that alice has resolved with a post-mortem, and that is closed. The clock starts on 2026-01-05, 09:02. */
export async function closedIncident(policy?: string, inFront?: InFront): Promise<{ story: Story; incident: number }> {
  const story = await Story.begin({
    ...(policy === undefined ? {} : { policy }),
    ...(inFront === undefined ? {} : { inFront }),
  });
  story.github.setRole("carol", "maintain");
  const incident = await story.declare();
  await story.say("alice", incident, "/ack");
  await story.say("alice", incident, "/postmortem");
  const postMortem = story.github.numbers().at(-1)!;
  await story.fillPostMortem(postMortem);
  await story.say("alice", incident, "/resolve");
  if (story.github.issue(incident).state !== "closed") throw new Error("the incident is not closed");
  return { story, incident };
}

/** An action item of an incident, as `/items` files it. */
export async function file(story: Story, incident: number, item: NewItem = {}): Promise<number> {
  const { title = "Limit the pool", owner = "bob", due = null, paths = [], incidentOf = story.repository } = item;
  const { id } = story.repository;
  const body = itemBody({
    title,
    postMortem: `#${incident + 1}`,
    incident: `#${incident}`,
    owner,
    due,
    kind: null,
    paths,
    origin: {
      incident: { repositoryId: incidentOf.id, number: incident },
      postMortem: { repositoryId: id, number: incident + 1 },
      line: "0123456789abcdef",
    },
  });
  const { labelsThere } = (await story.index.repository(id))!;
  await story.index.saveRepository(story.repository, { labelsThere: [...(labelsThere ?? []), "action-item"] });
  const { number } = story.github.as(story.github.botLogin).openIssue({ title, body, labels: ["action-item"] });
  await look(story);
  return number;
}

/** A look at what is late. */
export async function look(story: Story): Promise<void> {
  story.hint({ kind: "follow-ups", repository: story.repository });
  await story.settle();
}
