import { TerminalError, TransientError } from "../base/errors.ts";
import type { Repository } from "../core/model.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { isPublic } from "./other-repository.ts";
import type { Reader, Reading } from "./reading.ts";

/** Whether a mention is for those who are about to be paged. What GitHub does not tell keeps no page back. */
export const readReach: Reader = async (reading, { repository, reach }, { paged }) => {
  if (paged.length === 0) return {};
  const answers = await Promise.all(
    paged.map(async (login) => [login.toLowerCase(), await isReached(reading, repository, login)] as const),
  );
  return { reach: new Map([...reach, ...answers]) };
};

async function isReached(reading: Reading, repository: Repository, login: string): Promise<boolean> {
  try {
    const { people } = reading;
    if (isOfTheTeam(people.remembered(repository, login))) return true;
    // A "no" that lets somebody sleep must not be an old one.
    const has = await people.permissionNow(repository, login);
    if (has === "cannot-tell" || isOfTheTeam(has)) return true;
    // Everybody may read a public repository: whoever has no other right there may be a stranger with that name.
    return has === "read" && !(await isPublic(reading, repository));
  } catch (error) {
    const isUntold = error instanceof TerminalError || (error instanceof TransientError && error.retryAfterMs === null);
    if (isUntold) return true;
    throw error;
  }
}
