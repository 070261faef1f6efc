import { LRUCache } from "lru-cache";
import { sameText, textDigest } from "../core/same-text.ts";

/** How many status comments that GitHub keeps differently from how they were sent; as far as is known, there are none. */
const MOST_KEPT = 1_000;

/**
 * What GitHub made of comments that it keeps differently from how they were sent, cut or in other characters:
 * without this, every pass would send them again. Kept in the process: a restart sends each once more.
 */
export class StoredTexts {
  readonly #kept = new LRUCache<number, { readonly sent: string; readonly stored: string }>({ max: MOST_KEPT });

  /**
   * @param text   what people are meant to see
   * @param sent   the whole comment
   * @param stored as returned by GitHub; empty if the server's answer does not include it
   */
  note(commentId: number, text: string, sent: string, stored: string): void {
    if (stored === "" || sameText(sent, stored)) this.#kept.delete(commentId);
    else this.#kept.set(commentId, { sent: textDigest(text), stored: textDigest(stored) });
  }

  /**
   * The digest of the text from which GitHub made this comment; `null`: it is as it was sent, or somebody has changed
   * it.
   */
  madeOf(commentId: number, body: string): string | null {
    const known = this.#kept.get(commentId);
    return known !== undefined && known.stored === textDigest(body) ? known.sent : null;
  }
}
