import type { TellableSource } from "../core/alerts/what-to-tell.ts";
import type { Instant } from "../core/model.ts";

/**
 * What a source answered. `done`: that is how it stands there, whether by this request or before. `failed`: another try
 * may help. `refused`: it cannot. `why` is a few words for people, without secrets or anything the other side wrote.
 */
export type SourceAnswer = { readonly kind: "done" } | { readonly kind: "failed" | "refused"; readonly why: string };

/** An incident there: its id, and what the system must say about it before anything is done with it. */
export interface SourceIncident {
  readonly externalId: string;
  /** As in core/alerts/external-id.ts; `null`: not known. */
  readonly origin: string | null;
}

/** Who has acknowledged an incident there, and when; `none`: nobody yet, or there is no such incident. */
export type Acknowledgement =
  | { readonly kind: "acknowledged"; readonly at: Instant; readonly by: string | null }
  | { readonly kind: "none" }
  | { readonly kind: "failed"; readonly why: string };

/**
 * A system that sends alerts and can be told what became of them. It sends each request once.
 *
 * `acknowledge` and `resolve` first ask the system what the incident is: the operator's token reaches everything in the
 * account, and the id came in an event. If it is not the incident we were told about, it is `refused`, and nothing is
 * done to it.
 */
export interface AlertSourceApi {
  readonly source: TellableSource;
  /** @param by an e-mail address, or `github:login` */
  acknowledge(incident: SourceIncident, by: string): Promise<SourceAnswer>;
  resolve(incident: SourceIncident, by: string): Promise<SourceAnswer>;
  /** How a page that Sevgate itself sent there stands. Left out: its webhook is signed, and says so by itself. */
  acknowledgement?(externalId: string): Promise<Acknowledgement>;
}

/** The sources that can be told, by name. */
export type AlertSourceApis = ReadonlyMap<TellableSource, AlertSourceApi>;
