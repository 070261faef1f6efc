import type { Token } from "markdown-it";

/** The words of a heading, without markup. */
export function headingText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === "softbreak") return " ";
      return token.type === "html_inline" || token.type === "image" ? "" : token.content;
    })
    .join("")
    .trim();
}
