/** What one check of the self-check found. */
export interface Finding {
  /** What was looked at, in a word or two, with the place if there are several. */
  readonly check: string;
  readonly state: "ok" | "warning" | "failed";
  readonly says: string;
  /** The next step; `null` when none is needed. */
  readonly remedy: string | null;
}

export function ok(check: string, says: string): Finding {
  return { check, state: "ok", says, remedy: null };
}

export function warning(check: string, says: string, remedy: string): Finding {
  return { check, state: "warning", says, remedy };
}

export function failed(check: string, says: string, remedy: string): Finding {
  return { check, state: "failed", says, remedy };
}

/**
 * A failure in the words of somebody else, which may bring their own remedy after the first sentence.
 *
 * @param otherwise the remedy if they do not
 */
export function failedAs(check: string, message: string, otherwise: string): Finding {
  const [, says = message, remedy = otherwise] = FIRST_SENTENCE.exec(message) ?? [];
  return failed(check, says, remedy);
}

/** And what comes after it. */
const FIRST_SENTENCE = /^(.{1,500}?(?<!\be\.g)[.]) (.+)$/;
