import { link } from "../markdown/escape.ts";
import type { Reference } from "../model.ts";

/** `#15` or `owner/repo#15`, as a link where the address is known. */
export function linkTo(target: Reference, url: string | null): string {
  const text = target.repository === null ? `#${target.number}` : `${target.repository}#${target.number}`;
  return url === null ? text : `[${text}](${url})`;
}

/** The address of an issue or pull request, made from the incident's own. */
export function addressOf(
  target: { readonly repository: string | null; readonly number: number },
  issueUrl: string,
): string {
  const here = new URL(issueUrl);
  const repository = target.repository ?? here.pathname.split("/").slice(1, 3).join("/");
  return `${here.origin}/${repository}/issues/${target.number}`;
}

/** A name of a path as a part of an address. */
export function encodeSegment(segment: string): string {
  // A path GitHub lists is well-formed; anything else must not fail here.
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\uFFFD"));
}

/** A file of the default branch as a link with its path, or other words, as text. */
export function fileLink(path: string, issueUrl: string, text: string = path): string {
  const { host } = new URL(issueUrl);
  const base = issueUrl.replace(/\/issues\/\d+$/, "");
  return link(text, `${base}/blob/HEAD/${path.split("/").map(encodeSegment).join("/")}`, [host]);
}
