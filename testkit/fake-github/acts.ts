import { checkActs } from "./act-on-checks.ts";
import { issueActs } from "./act-on-issues.ts";
import { pullRequestActs } from "./act-on-pull-requests.ts";
import type { FakeWorld } from "./world.ts";

/** What people and the app can do, by login. */
export type FakeActs = ReturnType<typeof createActs>;

/** Acts, shared by people and the app. Each changes the state and emits what GitHub would send. */
export function createActs(world: FakeWorld) {
  return { ...issueActs(world), ...pullRequestActs(world), ...checkActs(world) };
}
