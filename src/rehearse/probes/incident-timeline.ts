import { type Answer, at, isDone, listAt, numberAt, saidBy, textAt } from "../answer.ts";
import { type Finding, told, untold, untoldEach } from "../finding.ts";
import type { PersonProbe } from "../probe.ts";

interface TimelineAnswers {
  readonly timeline: Answer;
  /** Whether the story came to its end: only then is everything in it. */
  readonly isPlayed: boolean;
  /** "List pull requests associated with a commit", of the commit by which the fix was merged; `null`: it was not. */
  readonly pulls: Answer | null;
  readonly fix: number | null;
  /** The combined status of that commit, which nobody reported one for. */
  readonly status: Answer | null;
  /** The status comment. */
  readonly comment: unknown;
  readonly appId: number | null;
}

/** What the story does to the incident, as GitHub's timeline calls it. */
const KINDS = ["labeled", "unlabeled", "assigned", "closed", "reopened", "cross-referenced"];

export function judgeTimeline({
  timeline,
  isPlayed,
  pulls,
  fix,
  status,
  comment,
  appId,
}: TimelineAnswers): readonly Finding[] {
  const kinds = new Set(listAt(timeline.data).map((entry) => textAt(entry, "event")));
  const lacking = KINDS.filter((kind) => !kinds.has(kind));
  const named = listAt(pulls?.data).map((pull) => numberAt(pull, "number"));
  const author = numberAt(comment, "performed_via_github_app", "id");
  return [
    !isPlayed && isDone(timeline)
      ? untold("A-070", "the story did not come to its end")
      : isDone(timeline)
        ? told(
            "A-070",
            lacking.length === 0,
            lacking.length === 0 ? `it has ${KINDS.join(", ")}` : `it lacks ${lacking.join(", ")}`,
          )
        : untold("A-070", saidBy(timeline)),
    comment === null
      ? untold("A-063", "there is no status comment")
      : told(
          "A-063",
          appId === null ? author !== null : author === appId,
          `performed_via_github_app: ${author ?? "null"}`,
        ),
    pulls === null || !isDone(pulls)
      ? untold("A-107", pulls === null ? "nothing was merged" : saidBy(pulls))
      : told(
          "A-107",
          fix !== null && named.includes(fix),
          `the commit names ${named.map((one) => `#${one}`).join(", ") || "nothing"}`,
        ),
    status === null || !isDone(status)
      ? untold("A-018", status === null ? "nothing was merged" : saidBy(status))
      : numberAt(status.data, "total_count") === 0
        ? told("A-018", textAt(status.data, "state") === "pending", `${textAt(status.data, "state")}, of 0`)
        : untold("A-018", `something else reports statuses there: ${at(status.data, "total_count")}`),
  ];
}

export const incidentTimelineProbe: PersonProbe = {
  id: "timeline",
  title: "the timeline of the incident, and the commit that fixed it",
  assumptions: ["A-018", "A-063", "A-070", "A-107"],
  needs: "person",
  async run({ person, app, story }) {
    if (story.incident === null) return untoldEach(incidentTimelineProbe.assumptions, "there is no incident");
    const place = { issue_number: story.incident, per_page: 100 };
    const timeline = await person.ask("GET /repos/{owner}/{repo}/issues/{issue_number}/timeline", place);
    const sha = story.mergeSha;
    return judgeTimeline({
      timeline,
      isPlayed: story.steps.some(({ id, ms }) => id === "closed" && ms !== null),
      pulls:
        sha === null
          ? null
          : await person.ask("GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", { commit_sha: sha }),
      fix: story.fix?.number ?? null,
      status: sha === null ? null : await person.ask("GET /repos/{owner}/{repo}/commits/{ref}/status", { ref: sha }),
      comment: story.statusComment,
      appId: app?.appId ?? null,
    });
  },
};
