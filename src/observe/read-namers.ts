import { TerminalError, TransientError } from "../base/errors.ts";
import { namesIncident } from "../core/gate/names-incident.ts";
import { fromHere } from "../core/names.ts";
import { rankByTrust } from "../core/trust/rank-by-trust.ts";
import type { Reader } from "./reading.ts";

/** How many pull requests the draft of a post-mortem may list: a request each. */
const MOST_NAMERS = 10;

/** The pull requests that name the incident. A draft does not wait for what GitHub does not answer. */
export const readNamers: Reader = async ({ read, index }, seen, { namedBy: isWanted }) => {
  if (!isWanted) return {};
  const { repository, issue } = seen;
  const links = await index.linksFrom(repository.id, issue.number, "pull-request");
  const here = links
    .filter((link) => fromHere(repository, link).repository === null)
    .map(({ number, standing }) => ({ number, trust: standing }))
    .toReversed();
  try {
    const found = await Promise.all(
      rankByTrust(here, MOST_NAMERS).kept.map(({ number }) => read.pullRequest(repository, number)),
    );
    return { namedBy: found.filter((one) => one !== "missing").filter((one) => namesIncident(one, seen)) };
  } catch (error) {
    if (error instanceof TransientError || error instanceof TerminalError) return {};
    throw error;
  }
};
