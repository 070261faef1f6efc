import type { ManualTest, Probe } from "../probe.ts";
import { appEventsProbe } from "./app-events.ts";
import { checkRunsProbe } from "./check-runs.ts";
import { closeReasonsProbe } from "./close-reasons.ts";
import { closedByMergeProbe } from "./closed-by-merge.ts";
import { closingReferencesProbe } from "./closing-references.ts";
import { commentTimesProbe } from "./comment-times.ts";
import { deliveriesProbe } from "./deliveries.ts";
import { freshIssueProbe } from "./fresh-issue.ts";
import { incidentTimelineProbe } from "./incident-timeline.ts";
import { issueDetailsProbe } from "./issue-details.ts";
import { labelCaseProbe } from "./label-case.ts";
import { labelFilterProbe } from "./label-filter.ts";
import { limitsProbe } from "./limits.ts";
import { lockedIssueProbe } from "./locked-issue.ts";
import { notModifiedProbe } from "./not-modified.ts";
import { permissionAnswersProbe } from "./permission-answers.ts";
import { pinnedCommentsProbe } from "./pinned-comments.ts";
import { reactionsProbe } from "./reactions.ts";
import { refusedPeopleProbe } from "./refused-people.ts";
import { rerunProbe } from "./rerun.ts";
import { revertByAppProbe } from "./revert-by-app.ts";
import { rulesetSourceProbe } from "./ruleset-source.ts";
import { schemaFieldsProbe } from "./schema-fields.ts";
import { searchWordsProbe } from "./search-words.ts";
import { sharedHeadProbe } from "./shared-head.ts";
import { subIssuesProbe } from "./sub-issues.ts";
import { tagOfEditProbe } from "./tag-of-edit.ts";
import { textEditsProbe } from "./text-edits.ts";
import { textLimitsProbe } from "./text-limits.ts";
import { versionsProbe } from "./versions.ts";

/** Everything that is tried, in this order: first the tests of docs/assumptions.md by number, deliveries last of all. */
export const ALL_PROBES: readonly Probe[] = [
  commentTimesProbe,
  checkRunsProbe,
  rulesetSourceProbe,
  appEventsProbe,
  permissionAnswersProbe,
  revertByAppProbe,
  pinnedCommentsProbe,
  labelCaseProbe,
  closedByMergeProbe,
  lockedIssueProbe,
  sharedHeadProbe,
  closingReferencesProbe,
  rerunProbe,
  tagOfEditProbe,
  versionsProbe,
  limitsProbe,
  notModifiedProbe,
  schemaFieldsProbe,
  textEditsProbe,
  reactionsProbe,
  subIssuesProbe,
  issueDetailsProbe,
  textLimitsProbe,
  closeReasonsProbe,
  refusedPeopleProbe,
  searchWordsProbe,
  labelFilterProbe,
  freshIssueProbe,
  incidentTimelineProbe,
  deliveriesProbe,
];

/** The one-minute tests that are left to people; the words for what to do are those of docs/assumptions.md. */
export const MANUAL_TESTS: readonly ManualTest[] = [
  {
    id: "T-3",
    why: "the list of sources is on the page only; the rest of it was tried",
    step: "In a ruleset of the repository, then of the organization, add a required check, and look whether the app is in the list of sources.",
  },
  {
    id: "T-9",
    why: "it needs a second repository, and a conversion to a discussion that no API does",
    step: "Transfer an incident, convert another to a discussion, and look at the status comment and at whether it can be reopened.",
  },
  {
    id: "T-12",
    why: "it needs a second account, and a form is sent on the web only",
    step: "As a stranger, open an issue with a form that sets sev:P2, and look at who labeled it in the timeline.",
  },
  {
    id: "T-13",
    why: "no API changes who may open issues",
    step: "Let only collaborators open issues (Settings, General), send a test alert, and look whether the app's issue is there.",
  },
  {
    id: "T-15",
    why: "it needs a merge queue, which only repositories of organizations have, and a fork",
    step: "Set up a squash queue on the default branch, queue a fork's pull request whose body closes an incident, and look at the check on the group.",
  },
  {
    id: "T-18",
    why: "no API renames an app",
    step: "Rename the app in its settings, change an incident, and count its status comments: one.",
  },
  {
    id: "T-20",
    why: "it needs a repository of its own without a policy, which Sevgate has not met yet",
    step: "Install the app on one, close the pull request it opens, delete its branch, restart Sevgate, and look whether another one comes: none.",
  },
  {
    id: "T-21",
    why: "it needs a workflow that edits a comment of another app",
    step: "In a workflow with `issues: write`, change a comment of your own app by `gh api -X PATCH`, and read the status: 200 or 403, Sevgate does without either.",
  },
];
