import type { TellableSource } from "../core/alerts/what-to-tell.ts";

/**
 * What a source answered. `done`: it is so there, whether by this request or before. `failed`: another try may help.
 * `refused`: it cannot. `why` is a few words for people, without secrets or anything the other side wrote.
 */
export type SourceAnswer = { readonly kind: "done" } | { readonly kind: "failed" | "refused"; readonly why: string };

/** A system that alerts come from and that can be told what became of them. It sends each request once. */
export interface AlertSourceApi {
  readonly source: TellableSource;
  /** @param by an e-mail address, or `github:login` */
  acknowledge(externalId: string, by: string): Promise<SourceAnswer>;
  resolve(externalId: string, by: string): Promise<SourceAnswer>;
}

/** The sources that can be told, by name. */
export type AlertSourceApis = ReadonlyMap<TellableSource, AlertSourceApi>;
