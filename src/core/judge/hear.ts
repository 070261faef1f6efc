import type { IncidentObservation } from "../observation.ts";
import { judgeAlerts } from "./judge-alerts.ts";
import { type JudgedCommands, judgeCommands } from "./judge-commands.ts";
import { type JudgedDrill, judgeDrill } from "./judge-drill.ts";
import { judgeIssueType } from "./judge-issue-type.ts";
import { type JudgedLabels, judgeLabels } from "./judge-labels.ts";
import { judgeLinks } from "./judge-links.ts";
import { judgeLock } from "./judge-lock.ts";
import { judgeRecall } from "./judge-recall.ts";
import { type JudgedRequests, judgeRequests } from "./judge-requests.ts";
import { judgeRunbookList } from "./judge-runbook-list.ts";
import { judgeSuspect } from "./judge-suspect.ts";
import { judgeThread } from "./judge-thread.ts";
import type { Judging } from "./judging.ts";

/** What was heard, beyond entries and edges. */
export interface Heard {
  readonly labels: JudgedLabels;
  readonly drill: JudgedDrill;
  readonly commands: JudgedCommands;
  readonly requests: JudgedRequests;
}

/**
 * Judges what was said, by labels, evidence, people and other systems, in the order people would. Not what follows from
 * it.
 */
export function hear(seen: IncidentObservation, judging: Judging): Heard {
  const labels = judging.take("labels", judgeLabels(seen, judging.known));
  const drill = judging.take("drill", judgeDrill(seen, judging.known));
  judging.take("links", judgeLinks(seen, judging.known));
  judging.take("runbook-list", judgeRunbookList(seen, judging.known));
  judging.take("suspect", judgeSuspect(seen, judging.known));
  judging.take("recall", judgeRecall(seen, judging.known));
  judging.take("issue-type", judgeIssueType(seen, judging.known));
  judging.take("thread", judgeThread(seen, judging.known));
  judging.take("lock", judgeLock(seen, judging.known));
  const commands = judging.take("commands", judgeCommands(seen, judging.known));
  const requests = judging.take("requests", judgeRequests(seen, judging.known));
  judging.take("alerts", judgeAlerts(seen, judging.known));
  return { labels, drill, commands, requests };
}
