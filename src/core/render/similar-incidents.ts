import { codeSpan, plain } from "../markdown/escape.ts";
import type { EntryOf } from "../record/entry.ts";
import type { History } from "../record/history.ts";
import { addressOf, linkTo } from "../words/links.ts";
import { count } from "../words/time.ts";

type RecalledIncident = EntryOf<"recalled">["incidents"][number];

/**
 * Similar incidents of the past, a line each: which one, why it is similar, why it happened, and what of it is still open. What
 * they say is as it was when this incident was declared. Empty: there are none.
 *
 * @param home `owner/name` of the incident's repository, where the text is shown elsewhere; else `null`
 */
export function similarIncidents({ recalled }: History, issueUrl: string, home: string | null): readonly string[] {
  return (recalled ?? []).map((one) => {
    const parts = [
      `${home ?? ""}#${one.number} ${plain(one.title, 80)}`.trim(),
      one.reasons.map(reasonInWords).join("; "),
      ...(one.cause === null ? [] : [`why: ${plain(one.cause, 160)}`]),
      ...openInWords(one, issueUrl, home),
    ];
    return parts.join(" · ");
  });
}

function reasonInWords({ kind, names }: RecalledIncident["reasons"][number]): string {
  // Code keeps its characters: anything but the name of a file in it could be read as a marker of ours.
  const isPath = (name: string) => (kind === "files" || kind === "runbook") && /^[\w./@ -]+$/.test(name);
  const shown = names.map((name) => (isPath(name) ? codeSpan(name) : plain(name, 60)));
  switch (kind) {
    case "alert":
      return "same alert";
    case "rule":
      return `same alert rule: ${shown.join(", ")}`;
    case "runbook":
      return `same runbook: ${shown.join(", ")}`;
    case "files":
      return `same files: ${shown.join(", ")}`;
    case "title":
      return "same title";
    case "words":
      return `words: ${shown.join(", ")}`;
  }
}

/** Where they are is said by the post-mortem's number, and the first of them in words. */
function openInWords({ open, openItems, postMortem }: RecalledIncident, issueUrl: string, home: string | null) {
  if (openItems === 0 || postMortem === null) return [];
  const target = home === null || postMortem.repository !== null ? postMortem : { ...postMortem, repository: home };
  const shown = open.length === 0 ? "" : `: ${open.map((item) => plain(item, 80)).join("; ")}`;
  const more = openItems > open.length && open.length > 0 ? "; …" : "";
  return [`${count(openItems, "open item")} in ${linkTo(target, addressOf(postMortem, issueUrl))}${shown}${more}`];
}
