import { HeldBackError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import type { Key } from "../core/model.ts";
import { whereCommandsWork } from "../core/render/where-commands-work.ts";
import { observeStrayCommand } from "../observe/observe-stray-command.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { GitHubWriter } from "../systems/github/ports.ts";
import type { PassParts } from "./pass-parts.ts";

/**
 * One pass over a pull request on which somebody wrote a command: says once where commands work. An answer that the
 * budget has no room for is left out.
 */
export async function strayCommandPass(
  parts: PassParts & { readonly trace: Trace },
  key: Extract<Key, { kind: "stray-command" }>,
  write: GitHubWriter,
): Promise<PassResult> {
  const found = await observeStrayCommand(parts, key);
  if (found === null) return NOTHING_MORE;
  const { policy } = await parts.policies.rules(key.repository);
  const text = whereCommandsWork(found, policy.policy);
  try {
    await parts.trace.take("comment", "judge:stray-command", () =>
      write.createComment(key.repository, key.number, text, "team"),
    );
  } catch (error) {
    if (!(error instanceof HeldBackError)) throw error;
  }
  return NOTHING_MORE;
}
