import type { OnCallSchedule } from "../core/oncall/schedule.ts";
import type { KnownRepository } from "../store/index-store.ts";
import { createOnCallInForce } from "./on-call-state.ts";
import { onCallStateOf } from "./policy-source.ts";

/** The schedule in force in a repository, as the index remembers it; `null`: it has none, or none was read yet. */
export type KnownSchedule = (known: KnownRepository) => OnCallSchedule | null;

/**
 * For those who may not wait for GitHub, or ask it as often as others like. A push that touches the file has it read
 * again at once, the next pass after an hour does in any case.
 */
export function createKnownSchedule(): KnownSchedule {
  const inForce = createOnCallInForce();
  return (known) => {
    const state = onCallStateOf(known);
    return state === null ? null : inForce(state, false).schedule;
  };
}
