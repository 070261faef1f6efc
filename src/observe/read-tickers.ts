import type { PermissionAnswer, Reference, Repository } from "../core/model.ts";
import { isAppLogin, sameTarget, targetKey } from "../core/names.ts";
import type { EvidenceFacts } from "../core/observation.ts";
import { isOwnAccount } from "../core/own.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import type { Reader, Reading } from "./reading.ts";

/** More people than this have not all edited a post-mortem since the app last did. */
const MOST_EDITORS = 10;
/** How often a text is put back, or written otherwise, before that waits. */
const MOST_WRITTEN_LATELY = 3;
const LATELY_MS = 10 * 60_000;

type Ticker = "may" | "may-not" | "untold";

/**
 * Whether a tick in a post-mortem may close an item: everybody who has edited it since the app last did is on the team
 * there, since GitHub does not say who set which tick. What the server does not tell closes nothing.
 */
export const readTickers: Reader = async (reading, seen, { tickers: wanted }) => {
  const { items } = seen;
  if (wanted.length === 0 || items === null) return {};
  const read = await reading.orWait("read:items", () =>
    Promise.all(
      wanted.map(async (postMortem) => {
        const evidence = seen.evidence.find(
          (one): one is Extract<EvidenceFacts, { kind: "issue" }> =>
            one.kind === "issue" && sameTarget(one.target, postMortem),
        );
        const place: Reference = evidence?.movedTo ?? postMortem;
        const { repository, access } = await reading.places(place.repository);
        const may: Ticker =
          repository === null || access !== "open" ? "untold" : await mayClose(reading, repository, place.number);
        return [targetKey(postMortem), may] as const;
      }),
    ),
  );
  return read === null ? {} : { items: { ...items, tickers: new Map(read) } };
};

async function mayClose(
  { read, app, people, clock }: Reading,
  repository: Repository,
  number: number,
): Promise<Ticker> {
  const answer = await read.issueEdits(repository, number);
  if (answer === "unsupported") return "may-not";
  const isOwn = ({ by }: (typeof answer.edits)[number]) => by !== null && isOwnAccount(app, { login: by });
  const own = answer.edits.findIndex(isOwn);
  const since = own === -1 ? answer.edits : answer.edits.slice(0, own);
  const lately = answer.edits.filter((edit) => isOwn(edit) && edit.at > clock.now() - LATELY_MS);
  // Whoever ticks it again and again does not have it written as often.
  const mayNot: Ticker = lately.length < MOST_WRITTEN_LATELY ? "may-not" : "untold";
  const editors = [...new Set(since.map(({ by }) => by))];
  if (editors.length === 0) return "untold";
  // An app that edits it may be anybody's.
  if (editors.length > MOST_EDITORS || editors.some((login) => login === null || isAppLogin(login))) return mayNot;
  // What is remembered lets nobody do anything.
  const isOutsider = (right: PermissionAnswer | null) =>
    right !== null && right !== "cannot-tell" && !isOfTheTeam(right);
  if (editors.some((login) => isOutsider(people.remembered(repository, login!)))) return mayNot;
  const rights = await Promise.all(editors.map((login) => people.permissionNow(repository, login!)));
  if (rights.every((right) => isOfTheTeam(right))) return "may";
  return rights.some(isOutsider) ? mayNot : "untold";
}
