import type { Logger } from "pino";
import { applyRepository } from "../apply/apply-repository.ts";
import type { Trace } from "../base/trace.ts";
import type { Key } from "../core/model.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import { observeRepository } from "../observe/observe-repository.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import { followUps } from "./follow-ups.ts";

/** One pass over a repository: makes sure it has its labels, and that everything worth a look gets one. */
export async function repositoryPass(
  parts: ObserveParts & { readonly log: Logger; readonly trace: Trace },
  key: Extract<Key, { kind: "repository" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const seen = await observeRepository(parts, key.repository);
  if (seen === null) return NOTHING_MORE;
  return followUps.ofRepository(seen, await applyRepository({ ...parts, write }, seen));
}
