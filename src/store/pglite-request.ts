/** What the thread of the embedded database is asked (pglite-thread.ts). It answers each before it takes the next. */
export type PgliteRequest =
  /** One statement with `$1` placeholders. */
  | { readonly kind: "query"; readonly text: string; readonly values: readonly unknown[] }
  /** One statement with `$1` placeholders that is carried out again and again: parsed the first time only, its rows not read. */
  | { readonly kind: "write"; readonly text: string; readonly values: readonly string[] }
  /** Several statements without placeholders. */
  | { readonly kind: "exec"; readonly text: string }
  | { readonly kind: "listen"; readonly channel: string }
  | { readonly kind: "close" };

/** What it answers, and `notified`, which comes unasked. */
export type PgliteAnswer =
  /** The rows of each statement. */
  | { readonly kind: "rows"; readonly rows: readonly (readonly unknown[])[] }
  /** `code`: the SQLSTATE; `null` when it is none. */
  | { readonly kind: "failed"; readonly message: string; readonly code: string | null }
  | { readonly kind: "notified"; readonly channel: string; readonly payload: string };
