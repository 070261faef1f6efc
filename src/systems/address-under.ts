/**
 * An address below `baseUrl`, with each of `segments` as one segment of its path: the only way in which an id of another
 * system becomes a part of an address. `null`: one of them is none. `.` and `..` stay what they are when they are encoded, and
 * whoever reads the address takes them for steps (WHATWG URL, "path state").
 *
 * @param baseUrl without a slash at the end
 */
export function addressUnder(baseUrl: string, ...segments: readonly string[]): string | null {
  if (segments.some((segment) => /^(?:\.|%2e){0,2}$/i.test(segment))) return null;
  return [baseUrl, ...segments.map(encodeURIComponent)].join("/");
}
