import { LRUCache } from "lru-cache";
import { sameText, textDigest } from "../core/same-text.ts";

/** Status comments that GitHub keeps otherwise than they were sent: none, as far as is known. */
const MOST_KEPT = 1_000;

/**
 * What GitHub made of comments that it keeps otherwise than they were sent, cut or in other characters: without it
 * every pass would send them again. Kept in the process: a restart sends each once more.
 */
export class StoredTexts {
  readonly #kept = new LRUCache<number, { readonly sent: string; readonly stored: string }>({ max: MOST_KEPT });

  /**
   * @param text   what people are meant to see
   * @param sent   the whole comment
   * @param stored as GitHub answered it; empty from a server that answers without it
   */
  note(commentId: number, text: string, sent: string, stored: string): void {
    if (stored === "" || sameText(sent, stored)) this.#kept.delete(commentId);
    else this.#kept.set(commentId, { sent: textDigest(text), stored: textDigest(stored) });
  }

  /** The digest of the text that GitHub made this comment of; `null`: it is as it was sent, or somebody has changed it. */
  madeOf(commentId: number, body: string): string | null {
    const known = this.#kept.get(commentId);
    return known !== undefined && known.stored === textDigest(body) ? known.sent : null;
  }
}
