import type { Logger } from "pino";
import { applyRepository } from "../apply/apply-repository.ts";
import type { Trace } from "../base/trace.ts";
import type { Key } from "../core/model.ts";
import { observeRepository, presentRepository } from "../observe/observe-repository.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { ChatParts } from "../systems/chat.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { followUps } from "./follow-ups.ts";
import type { PassParts } from "./pass-parts.ts";
import { remember } from "./remember.ts";
import { wantedReport } from "./report-pass.ts";
import type { RunHere } from "./run-here.ts";

/** One pass over a repository: makes sure it has its labels, and that everything worth a look gets one. */
export async function repositoryPass(
  parts: PassParts & {
    readonly runHere: RunHere;
    /** `null`: none is set up. */
    readonly chat: ChatParts | null;
    readonly log: Logger;
    readonly trace: Trace;
  },
  key: Extract<Key, { kind: "repository" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const present = await presentRepository(parts, key.repository);
  if (present === null) return NOTHING_MORE;
  const left = await parts.runHere.judge(parts, { ...key, repository: present.repository }, parts.chat);
  if (left !== null) return left;
  const seen = await observeRepository(parts, present);
  await remember(parts);
  const isReportWanted = wantedReport(parts.knownReports, seen.repository, seen.policy, seen.at) !== null;
  const isOnboardingDue = seen.isNew && parts.onboarding?.isDue(seen.repository) === true;
  const wanted = { report: isReportWanted, onboarding: isOnboardingDue };
  return followUps.ofRepository(seen, wanted, await applyRepository({ ...parts, write }, seen));
}
