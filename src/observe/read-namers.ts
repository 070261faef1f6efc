import { TerminalError, TransientError } from "../base/errors.ts";
import { namesIncident } from "../core/gate/names-incident.ts";
import { fromHere } from "../core/names.ts";
import { rankByTrust } from "../core/trust/rank-by-trust.ts";
import type { Reader } from "./reading.ts";

/** How many pull requests the draft of a post-mortem may list: a request each. */
const MOST_NAMERS = 10;

/**
 * The pull requests that name the incident, by the index and by the incident's own timeline on GitHub. A draft does not
 * wait for what GitHub does not answer.
 */
export const readNamers: Reader = async ({ read, index }, seen, { namedBy: isWanted }) => {
  if (!isWanted) return {};
  const { repository, issue } = seen;
  const links = await index.linksFrom(repository.id, issue.number, "pull-request");
  try {
    const events = seen.timeline ?? (await read.timeline(repository, issue.number)).events;
    const sources = events.flatMap(({ source }) => (source?.isPullRequest === true ? [source] : []));
    const named = [...sources.map((one) => ({ ...one, standing: "untold" as const })), ...links];
    const here = named.filter((one) => fromHere(repository, one).repository === null);
    // What the index says of one counts, as it may know who wrote it.
    const trusted = new Map(here.map(({ number, standing }) => [number, standing]));
    const candidates = [...trusted]
      .map(([number, trust]) => ({ number, trust }))
      .toSorted((a, b) => b.number - a.number);
    const found = await Promise.all(
      rankByTrust(candidates, MOST_NAMERS).kept.map(({ number }) => read.pullRequest(repository, number)),
    );
    return { namedBy: found.filter((one) => one !== "missing").filter((one) => namesIncident(one, seen)) };
  } catch (error) {
    if (error instanceof TransientError || error instanceof TerminalError) return {};
    throw error;
  }
};
