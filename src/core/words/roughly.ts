/** Exact up to five, then in ever larger steps, because each change to a text is a write. */
export function roughly(count: number): string {
  if (count <= 5) return String(count);
  const magnitude = 10 ** Math.floor(Math.log10(count));
  const step = [5, 2, 1].find((factor) => factor * magnitude <= count) ?? 1;
  const at = step * magnitude;
  return at === count ? String(at) : `more than ${at}`;
}
