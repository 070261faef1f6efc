import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import { atMost } from "../base/at-most.ts";
import { TerminalError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import type { ChatAnswer } from "../core/chat/chat-request.ts";
import type { Key } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { POLICY_PATH } from "../core/policy/parse.ts";
import { elsewhereLine, type RunsIn, type WhoRuns, whoRunsBy } from "../core/policy/runs-in.ts";
import { HOUR_MS } from "../core/time-units.ts";
import { isReadLately, type Rules } from "../observe/policy-source.ts";
import { NOTHING_MORE, type PassResult } from "../queue/queue.ts";
import type { ChatParts } from "../systems/chat.ts";
import type { PassParts } from "./pass-parts.ts";
import { rememberRules } from "./remember.ts";

const LOOKED_AT_AGAIN: readonly Key["kind"][] = ["incident", "pull-request", "merge-group"];

/** The action was asked to run what it does not run. The message is for whoever wrote the workflow: what to do, in one line. */
export class RunElsewhereError extends TerminalError {}

const RUN_ELSEWHERE: ChatAnswer = { kind: "run-elsewhere" };
const SAY_AGAIN_MS = HOUR_MS;
/** Without a last good policy, an action goes on with the checks: the pull request that mends the file may need them. */
const WITH_BUILT_IN_POLICY: readonly Key["kind"][] = ["pull-request", "merge-group", "recheck"];

/**
 * The rule that one runs a repository: the policy on its default branch says who (docs/decisions/0049-one-runs-a-repository.md).
 * Whoever is not named writes nothing there, and whoever cannot tell does not write.
 */
export class RunHere {
  readonly #here: RunsIn;
  readonly #log: Logger;
  readonly #said = new LRUCache<number, true>({ ...atMost(10_000), ttl: SAY_AGAIN_MS });

  constructor(here: RunsIn, log: Logger) {
    this.#here = here;
    this.#log = log;
  }

  /**
   * What comes of a key that is left alone; `null`: its pass may go on.
   *
   * @throws TransientError when the policy cannot be read; RunElsewhereError in an action
   */
  async leave(parts: PassParts, key: Key, chat: ChatParts | null): Promise<PassResult | null> {
    const { index, clock } = parts;
    if (key.kind === "repository") {
      // Whether it is still there has to be asked first, which its own pass does. Unless that is of no interest.
      const known = await index.repository(key.repository.id);
      const isKnown = known !== null && isReadLately(known, clock.now());
      if (!isKnown || this.#here === "action" || whoRunsBy(known.policyState) === this.#here) return null;
      return await this.#leave(parts, key, whoRunsBy(known.policyState) ?? "unclear", chat);
    }
    // Whoever asked for it is told by its own pass.
    return key.kind === "declaration" ? null : await this.judge(parts, key, chat);
  }

  /** The same by the policy, which is read again if that is due: the pass finds it read and saved. Throws as `leave` does. */
  async judge(parts: PassParts, key: Key, chat: ChatParts | null): Promise<PassResult | null> {
    const rules = await rememberRules(parts, key.repository);
    if (rules.runsIn !== this.#here) return await this.#leave(parts, key, rules.runsIn, chat);
    if (this.#here === "action" && !mayGoOn(rules, key)) throw new RunElsewhereError(brokenLine(key, rules));
    return null;
  }

  /**
   * What follows from a pass. Runs of an action may overlap, and GitHub has no change on a condition: whoever writes last may have
   * written over what it has not seen. So whoever has written looks once more, until there is nothing to do.
   */
  after(key: Key, trace: Pick<Trace, "hasChanged">, result: PassResult): PassResult {
    if (this.#here === "server" || !trace.hasChanged || !LOOKED_AT_AGAIN.includes(key.kind)) return result;
    return { ...result, alsoLookAt: [key, ...result.alsoLookAt] };
  }

  async #leave(parts: PassParts, key: Key, who: WhoRuns, chat: ChatParts | null): Promise<PassResult> {
    const { repository } = key;
    const line = elsewhereLine(this.#here, who, fullName(repository));
    if (this.#here === "action") throw new RunElsewhereError(line);
    if (!this.#said.has(repository.id)) {
      this.#log.info({ repository: repository.id }, line);
      this.#said.set(repository.id, true);
    }
    // As looked at, for the sweep's turns.
    if (key.kind === "repository") await parts.index.saveRepository(repository, { sweptAt: parts.clock.now() });
    return chat === null ? NOTHING_MORE : await refuseRequests(chat, key);
  }
}

/** People who asked for something in a chat are told. */
async function refuseRequests({ threads }: ChatParts, key: Key): Promise<PassResult> {
  if (key.kind !== "incident") return NOTHING_MORE;
  const { repository, number } = key;
  const waiting = (await threads.requests(repository.id, number)).filter(({ answer }) => answer === null);
  for (const { id } of waiting) await threads.answerRequest(id, JSON.stringify(RUN_ELSEWHERE));
  return waiting.length === 0
    ? NOTHING_MORE
    : { checkAgainIn: null, alsoLookAt: [{ kind: "thread", repository, number }] };
}

function mayGoOn({ policy }: Rules, { kind }: Key): boolean {
  return policy.trouble?.kind !== "invalid" || policy.source !== null || WITH_BUILT_IN_POLICY.includes(kind);
}

function brokenLine({ repository }: Key, { policy }: Rules): string {
  const problem = policy.trouble?.kind === "invalid" ? policy.trouble.problems[0] : undefined;
  const where = problem === undefined ? "" : ` (line ${problem.line}: ${problem.message})`;
  return `The policy of ${fullName(repository)} cannot be used${where}, so the action only posts checks. Correct ${POLICY_PATH}; \`sevgate validate\` shows every problem.`;
}
