/** JSON text read by its schema; `null`: there is none, it is no JSON, or it is something else, as of another version. */
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
