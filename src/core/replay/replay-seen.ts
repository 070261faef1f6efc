import type { Replayed } from "./replay.ts";

/** How many of the newest closed incidents are judged again for a pull request. */
export const MOST_REPLAYED = 10;
/** How far back incidents are looked at that closed. */
export const REPLAYED_DAYS = 90;

/** What the rules at the head of a pull request would have made of past incidents. */
export type ReplaySeen =
  /** Whoever opened it has no rights in the repository, or GitHub does not tell: nothing was read. */
  | { readonly kind: "not-for-outsiders" }
  /** GitHub did not answer, or refused. */
  | { readonly kind: "unread" }
  | {
      readonly kind: "read";
      /** The newest that were looked at, as `replay` orders them. */
      readonly incidents: readonly Replayed[];
      /** How many closed in that time, those that were looked at among them. */
      readonly of: number;
      /** Of those that were to be looked at: how many have a record that cannot be read. */
      readonly unreadable: number;
      /** As `notKnownOf` says. */
      readonly notKnown: readonly string[];
    };
