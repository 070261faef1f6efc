import type { CheckRunContent } from "../../core/model.ts";

/** GitHub REST, "Create a check run", and the checks guide. Texts in characters. */
export const CHECK_RUN_LIMITS = {
  annotationsPerRequest: 50,
  title: 255,
  summary: 65_535,
  message: 65_535,
  actions: 3,
  actionLabel: 20,
  actionDescription: 40,
  actionIdentifier: 20,
} as const;

/**
 * The bodies that together say `content`: the first creates the run, the others add annotations to it.
 *
 * GitHub accepts 50 annotations per request and adds those of later requests to the earlier ones. What is too long is
 * cut.
 */
export function checkRunRequests(content: CheckRunContent): readonly Readonly<Record<string, unknown>>[] {
  const limits = CHECK_RUN_LIMITS;
  const annotations = content.annotations.map((annotation) => ({
    path: annotation.path,
    start_line: annotation.line,
    end_line: annotation.line,
    ...(annotation.column === null ? {} : { start_column: annotation.column, end_column: annotation.column }),
    annotation_level: annotation.level,
    message: cut(annotation.message, limits.message),
  }));
  const output = { title: cut(content.title, limits.title), summary: cut(content.summary, limits.summary) };
  const [first = [], ...more] = chunks(annotations, limits.annotationsPerRequest);
  return [
    {
      name: content.name,
      external_id: content.externalId,
      status: content.status,
      ...(content.conclusion === null ? {} : { conclusion: content.conclusion }),
      output: { ...output, ...(first.length === 0 ? {} : { annotations: first }) },
      actions: content.actions.slice(0, limits.actions).map((action) => ({
        label: cut(action.label, limits.actionLabel),
        description: cut(action.description, limits.actionDescription),
        identifier: action.identifier.slice(0, limits.actionIdentifier),
      })),
    },
    ...more.map((part) => ({ output: { ...output, annotations: part } })),
  ];
}

function chunks<T>(entries: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(entries.length / size) }, (_, index) =>
    entries.slice(index * size, (index + 1) * size),
  );
}

/** Shortens to at most `max` UTF-16 units, with an ellipsis, and never through the middle of a character. */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
