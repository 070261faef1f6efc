/** An entity tag, weak or not; it may contain commas (RFC 9110, section 8.8.3). */
const ENTITY_TAG = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;

/**
 * Whether a client that sent `If-None-Match` already has what `etag` names: then the answer is 304 (RFC 9110, section
 * 13.1.2). `*` matches whatever there is; tags are compared weakly, without their `W/`.
 *
 * @param header `undefined`: none was sent
 * @param etag the tag of what is there now
 */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return (header.match(ENTITY_TAG) ?? []).some((tag) => opaque(tag) === opaque(etag));
}

function opaque(tag: string): string {
  return tag.replace(/^W\//, "");
}
