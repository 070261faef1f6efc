/** A text that core/slack/ made, read again; `null`: there is none, or it is another version's. */
export function readKept<Read>(
  schema: { safeParse(value: unknown): { readonly data?: Read | undefined } },
  kept: string | null,
): Read | null {
  if (kept === null) return null;
  try {
    return schema.safeParse(JSON.parse(kept)).data ?? null;
  } catch {
    return null;
  }
}
