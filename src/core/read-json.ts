/**
 * Reads JSON text by its schema; `null`: there is none, it is not JSON, or it is something else, such as from another
 * version.
 */
export function readJson<Read>(
  schema: { safeParse(value: unknown): { readonly data?: Read | undefined } },
  text: string | null | undefined,
): Read | null {
  if (text == null) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
