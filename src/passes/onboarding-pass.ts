import { applyOnboarding, ONBOARDING_CREATIONS } from "../apply/apply-onboarding.ts";
import { TransientError } from "../base/errors.ts";
import type { Key, Repository } from "../core/model.ts";
import { nextOnboardingStep, type OnboardingEnd, type OnboardingObservation } from "../core/plan/plan-onboarding.ts";
import { observeOnboarding } from "../observe/observe-onboarding.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { CreationRoom, GitHubWriter } from "../systems/github/ports.ts";
import type { Logs, PassParts } from "./pass-parts.ts";
import { remember } from "./remember.ts";

/** More steps than one pass takes: a plan that never ends is a bug, and stops here. */
const MAX_STEPS = 10;

type Parts = PassParts & Logs;

/**
 * One pass over a repository without a policy: observe → plan → apply, until the pull request that shows it one is open. At
 * most five an hour for an account, none while an incident of the account is open, and never a second one: GitHub remembers the first
 * (docs/decisions/0050-one-onboarding-pull-request.md).
 */
export async function onboardingPass(
  parts: Parts,
  { repository: asked }: Extract<Key, { kind: "onboarding" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const { onboarding, index, log } = parts;
  if (onboarding?.isDue(asked) !== true) return NOTHING_MORE;
  const states = await index.sweepStates(asked.installationId);
  const open = states.reduce((sum, { openIncidents }) => sum + openIncidents, 0);
  const seen = await observeOnboarding(parts, asked, onboarding.files, open);
  await remember(parts);
  const { end, opened } = "kind" in seen ? { end: seen, opened: null } : await go(parts, seen, write);
  onboarding.note(asked, end);
  log.debug({ why: end.why, again: end.again }, "no more onboarding");
  // Its own pull request: no webhook of it is listened to.
  return opened === null ? NOTHING_MORE : { ...NOTHING_MORE, alsoLookAt: [opened] };
}

async function go(
  { index, clock, trace }: Parts,
  begun: OnboardingObservation,
  write: GitHubWriter,
): Promise<{ readonly end: OnboardingEnd; readonly opened: Key | null }> {
  const { repository } = begun;
  let seen = begun;
  let room: CreationRoom | null = null;
  try {
    for (let count = 0; count < MAX_STEPS; count += 1) {
      const step = nextOnboardingStep(seen);
      if (step.kind === "nothing") return { end: step, opened: pullRequestKey(repository, seen.opened) };
      // Before the turn is taken: it is of no use without room for what follows.
      room ??= await write.reserve(repository, "onboarding", ONBOARDING_CREATIONS);
      if (step.kind === "take-turn") {
        seen = { ...seen, turn: await index.takeOnboardingTurn(repository.installationId, clock.now()) };
        continue;
      }
      const at = { write, repository, room };
      const before: OnboardingObservation = seen;
      seen = await trace.take(
        step.kind,
        "plan:onboarding",
        () => applyOnboarding(at, before, step),
        ({ refused }) => (refused === null ? "done" : "refused"),
      );
    }
  } finally {
    room?.release();
  }
  throw new TransientError("a plan did not end");
}

function pullRequestKey(repository: Repository, number: number | null): Key | null {
  return number === null ? null : { kind: "pull-request", repository, number };
}
