import { keyId } from "../../core/key.ts";
import type { Instant, Key } from "../../core/model.ts";
import type { RequestLimit } from "../../systems/github/ports.ts";

/** A step that was taken, as in the log: no text by people. */
export interface TakenStep {
  readonly key: string;
  readonly step: string;
  readonly result: string;
}

/** What a run has done, and what it has left. */
export class ActionReport {
  /** What was looked at, each once. */
  readonly looked = new Map<string, Key>();
  /** What is to be looked at later. */
  readonly later = new Map<string, { readonly key: Key; readonly at: Instant }>();
  /** What should have been done now and was not, and why. */
  readonly undone = new Map<string, { readonly key: Key; readonly why: string }>();
  readonly steps: TakenStep[] = [];
  /** What somebody should know besides, in words for people. */
  readonly remarks: string[] = [];
  /** Requests that count against the hour. */
  requests = 0;
  /** Questions to GraphQL, which has a limit of its own. */
  questions = 0;
  /** What is left of the hour; `null`: GitHub has not said. */
  limit: RequestLimit | null = null;
  /** Nothing was done, and why; `null`: the run went on. */
  refusal: string | null = null;

  /** A pass has ended. @param again when it wants to look again; `null`: not by itself */
  done(key: Key, again: Instant | null): void {
    const id = keyId(key);
    this.looked.set(id, key);
    this.undone.delete(id);
    if (again === null) this.later.delete(id);
    else this.later.set(id, { key, at: again });
  }

  /** A pass has failed, or none was made. */
  failed(key: Key, why: string): void {
    this.undone.set(keyId(key), { key, why });
  }

  get isGreen(): boolean {
    return this.refusal === null && this.undone.size === 0;
  }
}
