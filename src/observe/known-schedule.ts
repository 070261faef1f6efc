import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import type { KnownRepository } from "../store/index-store.ts";
import { createOnCallInForce } from "./on-call-state.ts";
import { onCallStateOf } from "./policy-source.ts";

/** The schedule in force in a repository, as the index remembers it; `null`: it has none, or none has been read yet. */
export type KnownSchedule = (known: KnownRepository) => OnCallSchedule | null;

/**
 * For callers that may not wait for GitHub, or ask it as often as others please. A push that touches the file makes it
 * be read again at once, and the next pass after an hour does so in any case.
 */
export function createKnownSchedule(): KnownSchedule {
  const inForce = createOnCallInForce();
  return (known) => {
    const state = onCallStateOf(known);
    return state === null ? null : inForce(state, false).schedule;
  };
}
