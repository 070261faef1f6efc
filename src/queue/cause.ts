import { randomUUID } from "node:crypto";
import { keyId } from "../core/key.ts";
import type { Key } from "../core/model.ts";

/** Why a key is waiting, for people who follow it in the log. Nothing is decided by it, and it may get lost. */
export interface Cause {
  /** `delivery`, `sweep`, `timer`, `alert`, `slack`, `after:` and the id of a key, or `unknown`. */
  readonly by: string;
  /** Where it began: GitHub's id of the delivery, or the id of a pass; `null`: with this pass. */
  readonly origin: string | null;
}

/** How a pass is named in the log. */
export interface PassName {
  /** The id of the pass: GitHub's id of the delivery that asked for it, else one of its own. */
  readonly pass: string;
  /** As `Cause.by`. */
  readonly cause: string;
  /** As `Cause.origin`; `pass` itself if it began here. All passes that follow from one share it. */
  readonly origin: string;
}

export const BY_SWEEP: Cause = { by: "sweep", origin: null };
export const BY_TIMER: Cause = { by: "timer", origin: null };
export const BY_ALERT: Cause = { by: "alert", origin: null };
export const BY_SLACK: Cause = { by: "slack", origin: null };
export const UNKNOWN_CAUSE: Cause = { by: "unknown", origin: null };

/** @param id `X-GitHub-Delivery`, which the signature does not cover; `null`: it was not sent */
export function byDelivery(id: string | null): Cause {
  return { by: "delivery", origin: id !== null && /^[\w-]{1,64}$/.test(id) ? id : null };
}

/** The name of a pass that begins now. */
export function namePass({ by, origin }: Cause): PassName {
  const pass = by === "delivery" && origin !== null ? origin : randomUUID();
  return { pass, cause: by, origin: origin ?? pass };
}

/** The cause of a key that a pass has made worth a look. */
export function followsFrom(key: Key, { origin }: PassName): Cause {
  return { by: `after:${keyId(key)}`, origin };
}
