import { namesFactor } from "../../archive/ticked-factors.ts";
import { ByHeading, HeadingNames } from "../../markdown/heading-names.ts";
import { type Emptiness, emptinessOf, TemplateWords } from "../../markdown/own-text.ts";
import { isCut, MAX_BODY_LINES } from "../../markdown/parse-document.ts";
import { linesLikeHeadings, type Section, sectionsOf, taskItems } from "../../markdown/sections.ts";
import { withTextAboveDashes } from "../../markdown/text-above-dashes.ts";
import { visibleContent } from "../../markdown/visible-lines.ts";
import type { IssueFacts, Reference } from "../../model.ts";
import { fullName, hasLabel, sameLogin, sameTarget } from "../../names.ts";
import type { EvidenceFacts, IncidentObservation, PostMortemRules } from "../../observation.ts";
import type { Acceptance, History } from "../../record/history.ts";
import { asksFor } from "../asks-for.ts";
import { evidenceOf, leastLacking, linkedEvidence, together } from "../linked-evidence.ts";
import { hasIncidentLine, hostOf } from "../names-incident.ts";
import { isPlaceWanted, placeWanted } from "../post-mortem-place.ts";
import { substanceDigest } from "../substance.ts";
import type { VerdictStatus } from "../verdict-status.ts";
import type { RequirementRule } from "./requirement-rule.ts";

/** The candidates, best first. `isCut`: there were more than are looked at. */
export interface PostMortemsFinding {
  readonly requirement: "post-mortem";
  readonly found: readonly PostMortemFinding[];
  readonly isCut: boolean;
}

/** An issue is linked that contains what the policy wants in a post-mortem. */
export const POST_MORTEM: RequirementRule<PostMortemsFinding> = {
  reads: [],
  judge(seen, history) {
    const found = judgePostMortems(seen, history);
    const { status, isCut } = together(found, seen.unread["post-mortem"]);
    const satisfiedBy = found.filter((one) => one.status === "met").map(({ target }) => target);
    return { status, finding: { requirement: "post-mortem", found, isCut }, satisfiedBy };
  },
};

/** One thing a post-mortem lacks, with what to do about it said in `core/render/verdict.ts`. */
export type PostMortemLack =
  | { readonly kind: "gone" }
  /** Not looked at. `there`: the repository it is in, `here`: the incident's; both `owner/name`. */
  | { readonly kind: "cannot-read"; readonly there: string; readonly here: string }
  /** Transferred to a place where the policy wants none; `to`: `null` when that may not be said. */
  | { readonly kind: "moved"; readonly to: Reference | null; readonly allowed: string }
  /** In a private repository: what it lacks is not said. */
  | { readonly kind: "not-complete"; readonly there: string }
  | { readonly kind: "is-the-incident" }
  | { readonly kind: "wrong-repository"; readonly allowed: string }
  | { readonly kind: "no-label"; readonly label: string }
  | { readonly kind: "not-linked" }
  /** Opened before the incident, and not named by anybody on the team. */
  | { readonly kind: "older" }
  | { readonly kind: "section-missing"; readonly section: string }
  /** Its name is on a line of its own that is not a heading; `line` is 1-based. */
  | { readonly kind: "section-no-heading"; readonly section: string; readonly line: number }
  /** What it `holds` is not an answer. `above`: the 1-based line directly below it that dashes turn into a heading. */
  | {
      readonly kind: "section-empty";
      readonly section: string;
      readonly holds: Emptiness;
      readonly above: number | null;
    }
  /** `blank`: how many there are besides that say nothing. */
  | { readonly kind: "too-few-action-items"; readonly have: number; readonly need: number; readonly blank: number }
  /**
   * It has everything else, and `missing` more people have to accept it. `changed`: who accepted it before it said
   * something else.
   */
  | { readonly kind: "not-accepted"; readonly missing: number; readonly changed: readonly string[] }
  /** Not all of its lines were read; what it lacks may be further down. */
  | { readonly kind: "cut"; readonly lines: number };

/** A candidate post-mortem and what it lacks. If nothing is lacking, it is met. */
export interface PostMortemFinding {
  readonly target: Reference;
  readonly url: string | null;
  readonly status: VerdictStatus;
  readonly lacks: readonly PostMortemLack[];
  /** How many action items name an issue or pull request, and how many do not. */
  readonly filedItems: number;
  readonly unfiledItems: number;
  /** Where it was transferred to and found; `null`: it is still where `target` says. */
  readonly movedTo: Reference | null;
  /** It is in a private repository: only whether it is complete may be said. */
  readonly isSealed: boolean;
  /** How many people have to accept it, and the digest of what it says; `null`: nobody, or its text is not known. */
  readonly review: { readonly needed: number; readonly digest: string } | null;
}

/**
 * What stands for the text of a private post-mortem. The record is public: a digest would let people try what it says, and
 * a change of it would say when it was edited. So whoever accepted it is not asked again.
 */
const SEALED_DIGEST = "0".repeat(32);

/** Judges every issue that may be the post-mortem by its content, best first. */
export function judgePostMortems(seen: IncidentObservation, history: History): readonly PostMortemFinding[] {
  const linked = linkedEvidence(seen, history, "issue");
  return leastLacking(linked.map(({ target }) => judgePostMortem(seen, history, target)));
}

function judgePostMortem(seen: IncidentObservation, history: History, target: Reference): PostMortemFinding {
  const ways = issueWays(seen, target);
  const { answer, movedTo, sealedBy } = ways[0]!;
  const place = movedTo ?? target;
  const here = fullName(seen.repository);
  const there = place.repository ?? here;
  const allowed = placeWanted(seen);
  const isWanted = isPlaceWanted(seen, place);
  if (answer === "cannot-read") {
    // Whatever is there, it is not where the policy wants it: a reference to a place we cannot see must not make a gate
    // unsure.
    return postMortemFinding(target, null, [
      isWanted ? { kind: "cannot-read", there, here } : { kind: "wrong-repository", allowed },
    ]);
  }
  if (sealedBy !== null) return judgeSealed(seen, history, target, answer, sealedBy, there);
  if (answer === "moved") return postMortemFinding(target, null, [{ kind: "moved", to: movedTo, allowed }]);
  if (answer === "missing") return postMortemFinding(target, null, [{ kind: "gone" }]);
  const found = judgeContent(seen, history, target, answer, {
    policy: seen.policy.policy["post-mortem"],
    template: seen.templates.postMortem,
  });
  if (isWanted) return { ...found, movedTo };
  const lacks: readonly PostMortemLack[] = [{ kind: "wrong-repository", allowed }, ...found.lacks];
  return { ...found, lacks, status: "unmet" };
}

/** In a private repository, by its own rules: complete, or not. It does not even say whether the issue exists. */
function judgeSealed(
  seen: IncidentObservation,
  history: History,
  target: Reference,
  answer: IssueFacts | "missing" | "moved",
  rules: PostMortemRules,
  there: string,
): PostMortemFinding {
  const found = typeof answer === "string" ? null : judgeContent(seen, history, target, answer, rules, true);
  // That it waits for somebody's acceptance says that it is complete, which may be said.
  const [only, ...more] = found?.lacks ?? [];
  const waits = only?.kind === "not-accepted" && more.length === 0 ? only : null;
  const severity = seen.policy.policy.severities.find((one) => one.name === history.severity);
  // What an incident asks about its post-mortem is a single question: the answers to two would reveal more.
  const wantsFiled = severity !== undefined && asksFor(severity["close-requires"], "action-items-filed");
  const isFiled = found !== null && found.filedItems > 0 && found.unfiledItems === 0;
  const isWritten = (found?.status === "met" || waits !== null) && (!wantsFiled || isFiled);
  const isComplete = isWritten && waits === null;
  const lacks: readonly PostMortemLack[] = isWritten && waits !== null ? [waits] : [{ kind: "not-complete", there }];
  const finding = postMortemFinding(target, null, isComplete ? [] : lacks);
  return {
    ...finding,
    filedItems: isComplete ? 1 : 0,
    isSealed: true,
    review: isWritten ? (found?.review ?? null) : null,
  };
}

function judgeContent(
  seen: IncidentObservation,
  history: History,
  target: Reference,
  issue: IssueFacts,
  { policy, template: [template] }: PostMortemRules,
  isSealed = false,
): PostMortemFinding {
  const ways = issueWays(seen, target);
  const { movedTo } = ways[0]!;
  const home = (movedTo ?? target).repository;
  const lacks: PostMortemLack[] = [];
  if (target.repository === null && target.number === seen.issue.number) lacks.push({ kind: "is-the-incident" });
  if (!hasLabel(issue.labels, policy.label)) lacks.push({ kind: "no-label", label: policy.label });

  // A link made by a command stands by itself; a link found in a text stands as long as the text says so.
  const byCommand = history.links.some(
    (link) => link.byCommand && link.evidence === "post-mortem" && sameTarget(link.target, target),
  );
  // What was written before a transfer meant the old place.
  const isSaid = [home, target.repository].some((place) => hasIncidentLine(issue.body, place, seen));
  const stillSaid = isSaid || ways.some((way) => way.via !== "own-text");
  if (!byCommand && !stillSaid) lacks.push({ kind: "not-linked" });
  // Anybody may write into a text of their own; adding a sub-issue takes the right to triage (GitHub docs, "Adding
  // sub-issues").
  const byTheTeam = byCommand || ways.some((way) => way.via === "sub-issue");
  if (stillSaid && !byTheTeam && issue.createdAt < seen.issue.createdAt) lacks.push({ kind: "older" });

  lacks.push(...sectionLacks(issue.body, template, policy["required-sections"]));
  const words = new TemplateWords(template);
  const factors = seen.policy.policy["contributing-factors"];
  const listed = taskItems(issue.body, home ?? fullName(seen.repository), hostOf(seen)).filter(
    ({ lines }) => !namesFactor(lines.map(({ text }) => text).join(" "), factors),
  );
  const items = listed.filter((item) => emptinessOf(item.lines, words, true) === null);
  const blank = listed.length - items.length;
  const need = policy["action-items"];
  if (items.length < need) lacks.push({ kind: "too-few-action-items", have: items.length, need, blank });
  const isBelow = lacks.some(({ kind }) => kind.startsWith("section-") || kind === "too-few-action-items");
  if (isBelow && isCut(issue.body)) lacks.push({ kind: "cut", lines: MAX_BODY_LINES });
  const needed = policy["reviewed-by"];
  const review = needed === 0 ? null : { needed, digest: isSealed ? SEALED_DIGEST : substanceDigest(issue.body) };
  if (review !== null && lacks.length === 0) lacks.push(...acceptanceLacks(history, target, review));
  const filedItems = items.filter((item) => item.references.length > 0).length;
  const finding = postMortemFinding(target, issue.url, lacks);
  return { ...finding, filedItems, unfiledItems: items.length - filedItems, review };
}

/** Who accepted it was asked when they did: nobody who had written it. */
function acceptanceLacks(
  { accepted }: History,
  target: Reference,
  { needed, digest }: NonNullable<PostMortemFinding["review"]>,
): readonly PostMortemLack[] {
  const ofIt = accepted.filter((one) => sameTarget(one.target, target));
  const by = (isMeant: (one: Acceptance) => boolean) => {
    const logins = ofIt.filter(isMeant).flatMap((one) => one.by ?? []);
    return logins.filter((login, at) => logins.findIndex((one) => sameLogin(one, login)) === at);
  };
  const now = by((one) => one.digest === digest);
  const changed = by((one) => one.digest !== digest).filter((login) => !now.some((one) => sameLogin(one, login)));
  return now.length >= needed ? [] : [{ kind: "not-accepted", missing: needed - now.length, changed }];
}

/** What is lacking in the sections a post-mortem has to have. Reads the body once, however many there are. */
function sectionLacks(body: string, template: string, required: readonly string[]): readonly PostMortemLack[] {
  const templateSections = sectionsOf(template);
  const names = new HeadingNames([...required, ...templateSections.map(({ title }) => title)]);
  const sections = sectionsOf(withTextAboveDashes(body, (title) => names.has(title)));
  const sectionsNamed = new ByHeading(sections, ({ title }) => title);
  const hintsNamed = new ByHeading(templateSections, ({ title }) => title);
  const missing = required.filter((wanted) => sectionsNamed.get(wanted).length === 0);
  const lines = linesLikeHeadings(body, missing);
  return required.flatMap((wanted): readonly PostMortemLack[] => {
    const named = sectionsNamed.get(wanted);
    if (named.length === 0) {
      const line = lines.get(wanted);
      return [
        line === undefined
          ? { kind: "section-missing", section: wanted }
          : { kind: "section-no-heading", section: wanted, line },
      ];
    }
    const hints = hintsNamed.get(wanted).map((one) => one.written);
    const words = new TemplateWords(hints.join("\n\n"), names);
    const holds = named.map((section) => emptinessOf(visibleContent(section.text), words));
    if (holds.includes(null)) return [];
    const above = lineAboveDashes(sections, named[0]!, names);
    return [{ kind: "section-empty", section: wanted, holds: holds[0] ?? "nothing", above }];
  });
}

/** Where the answer to an empty section may have become the heading of a section of its own. */
function lineAboveDashes(sections: readonly Section[], empty: Section, names: HeadingNames): number | null {
  const next = sections[sections.indexOf(empty) + 1];
  return next?.isUnderlined === true && !names.has(next.title) ? next.line : null;
}

function issueWays(seen: IncidentObservation, target: Reference): readonly Extract<EvidenceFacts, { kind: "issue" }>[] {
  return evidenceOf(seen, "issue").filter((one) => sameTarget(one.target, target));
}

function postMortemFinding(target: Reference, url: string | null, lacks: readonly PostMortemLack[]): PostMortemFinding {
  const unknown = lacks.some((lack) => lack.kind === "cannot-read");
  return {
    target,
    url,
    status: lacks.length === 0 ? "met" : unknown ? "unknown" : "unmet",
    lacks,
    filedItems: 0,
    unfiledItems: 0,
    movedTo: null,
    isSealed: false,
    review: null,
  };
}
