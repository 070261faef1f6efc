/**
 * Where the project is published: the one place that says so.
 *
 * It has no public address yet. Until it has, this is a name that nobody can own (RFC 2606), as in app.yml, so that no
 * link in an incident leads to a stranger's page.
 */
const HOME = "https://sevgate.example.com";

/**
 * The action, as a workflow names it (templates/workflows/). The owner is whoever publishes it, which is nobody yet: GitHub refuses a
 * workflow that names it.
 */
export const ACTION = "OWNER/sevgate@v0";

/** The version whose documents are linked: `version` of package.json (test/core/words/documents.test.ts). */
export const DOCUMENTED_VERSION = "0.1.0";

/**
 * The address of a page of docs/, as it was when the running version was released.
 *
 * @param page   its name, without `.md`
 * @param anchor a heading's anchor, without `#`
 */
export function documentUrl(page: string, anchor: string | null = null): string {
  return `${HOME}/blob/v${DOCUMENTED_VERSION}/docs/${page}.md${anchor === null ? "" : `#${anchor}`}`;
}

/** The same as a Markdown link. `text` is Sevgate's own: it is not escaped. */
export function documentLink(page: string, text: string, anchor: string | null = null): string {
  return `[${text}](${documentUrl(page, anchor)})`;
}
