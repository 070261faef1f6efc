import { createHash } from "node:crypto";

/** GitHub docs, "Registering a GitHub App": 34 characters. */
export const LONGEST_APP_NAME = 34;

const CUT_HASH = 4;

/**
 * A name for the app that nobody else's app is likely to have: names are unique on all of GitHub, and so is whose it is.
 * One that is too long is cut, and ends in a few letters that belong to the whole.
 *
 * @param owner the account that is to own it, or the host of its server
 */
export function appName(owner: string): string {
  const whole = `Sevgate ${owner}`;
  if (whole.length <= LONGEST_APP_NAME) return whole;
  const hash = createHash("sha256").update(owner.toLowerCase()).digest("hex").slice(0, CUT_HASH);
  return `${whole.slice(0, LONGEST_APP_NAME - CUT_HASH - 1).trimEnd()}-${hash}`;
}
