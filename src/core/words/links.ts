import { link } from "../markdown/escape.ts";
import type { Reference } from "../model.ts";

/** `#15` or `owner/repo#15`, as a link if the URL is known. */
export function linkTo(target: Reference, url: string | null): string {
  const text = target.repository === null ? `#${target.number}` : `${target.repository}#${target.number}`;
  return url === null ? text : `[${text}](${url})`;
}

/** The URL of an issue or pull request, made from the incident's own. */
export function addressOf(
  target: { readonly repository: string | null; readonly number: number },
  issueUrl: string,
): string {
  const here = new URL(issueUrl);
  const repository = target.repository ?? here.pathname.split("/").slice(1, 3).join("/");
  return `${here.origin}/${repository}/issues/${target.number}`;
}

/** One segment of a path, encoded for a URL. */
export function encodeSegment(segment: string): string {
  // Paths that GitHub lists are well-formed; anything else must not fail here.
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\uFFFD"));
}

/** A link to a file on the default branch, with its path or other words as its text. */
export function fileLink(path: string, issueUrl: string, text: string = path): string {
  const { host } = new URL(issueUrl);
  const base = issueUrl.replace(/\/issues\/\d+$/, "");
  return link(text, `${base}/blob/HEAD/${path.split("/").map(encodeSegment).join("/")}`, [host]);
}
