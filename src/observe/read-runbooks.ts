import { runbookQuestion } from "../core/judge/judge-runbook-list.ts";
import type { Reader } from "./reading.ts";

/** The runbooks, if they are looked for, and the words of those that the record lists. */
export const readRunbooks: Reader = async ({ runbooks: source }, seen, { runbooks: wanted }) => {
  if (wanted === null) return {};
  const { repository, policy } = seen;
  const questions = wanted.severities.map((severity) => runbookQuestion(seen, severity));
  const [runbooks, texts] = await Promise.all([
    questions.length === 0 ? null : source.shelf(repository, policy.policy.runbooks.paths, questions),
    source.texts(repository, wanted.listed),
  ]);
  return { runbooks, runbookTexts: new Map([...texts, ...(runbooks?.kind === "read" ? runbooks.texts : [])]) };
};
