/**
 * A URL below `baseUrl`, with each of `segments` as one segment of its path: the only way for an id of another system
 * to become part of a URL. `null`: one of them is not a segment. `.` and `..` stay what they are when encoded, and
 * whatever reads the URL follows them (WHATWG URL, "path state").
 *
 * @param baseUrl without a trailing slash
 */
export function addressUnder(baseUrl: string, ...segments: readonly string[]): string | null {
  if (segments.some((segment) => /^(?:\.|%2e){0,2}$/i.test(segment))) return null;
  return [baseUrl, ...segments.map(encodeURIComponent)].join("/");
}
