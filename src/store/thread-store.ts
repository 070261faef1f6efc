import type { Instant } from "../core/model.ts";

/** What is known of the thread of an incident in a chat. The texts are JSON of core/chat/thread-state.ts. */
export interface KnownThread {
  /** What the chat should show; `null`: no pass has said so yet. */
  readonly view: string | null;
  /** What was sent; `null`: nothing. */
  readonly sent: string | null;
  /** Grows with every `saveThreadSent`. */
  readonly revision: number;
}

/** Something a person asked for in a chat, which waits for a pass. */
export interface KnownRequest {
  /** Of the chat's making: the same request sent again has the same one. */
  readonly id: string;
  readonly repositoryId: number;
  /** The incident; `null`: one that is to be declared. */
  readonly number: number | null;
  /** What was asked, by whom; JSON. */
  readonly body: string;
  /** What a pass has said to it; JSON. `null`: nothing yet. */
  readonly answer: string | null;
  /** When it arrived. */
  readonly at: Instant;
}

/**
 * What has to be remembered for a chat. Losing it costs little: where the root message is, the record on GitHub says too.
 *
 * Every call may throw `TransientError`.
 */
export interface ThreadStore {
  thread(repositoryId: number, number: number): Promise<KnownThread | null>;
  /** Of a repository's open incidents, by number. */
  openThreads(repositoryId: number): Promise<readonly KnownThread[]>;
  /**
   * Of open incidents that were announced in the channel (its id), by repository and number, those that
   * somebody without rights declared last; `most` at most.
   */
  openThreadsIn(channel: string, most: number): Promise<readonly (KnownThread & { readonly repositoryId: number })[]>;
  saveThreadView(repositoryId: number, number: number, view: string): Promise<void>;
  /**
   * Only over the revision `over` (0: nothing there yet). `false`: somebody else was faster, and nothing was saved.
   *
   * @param channel id of the one it is in; `null`: it is in none
   */
  saveThreadSent(
    repositoryId: number,
    number: number,
    over: number,
    sent: string,
    channel: string | null,
  ): Promise<boolean>;
  /**
   * Takes one of the announcements that incidents from outside the team have in the hour before `at`, for good: the same
   * incident asked about again has it already. `false`: none is left, of its author or of the repository.
   */
  reserveAnnouncement(
    repositoryId: number,
    number: number,
    author: string,
    at: Instant,
    most: { readonly ofAuthor: number; readonly ofRepository: number },
  ): Promise<boolean>;

  /** `false`: it is there already. Requests of more than a week ago are forgotten. */
  addRequest(request: Omit<KnownRequest, "answer">): Promise<boolean>;
  request(id: string): Promise<KnownRequest | null>;
  /** Oldest first; those that were closed are left out. */
  requests(repositoryId: number, number: number | null): Promise<readonly KnownRequest[]>;
  answerRequest(id: string, answer: string): Promise<void>;
  /** The person was told: nothing more is to be done. It is remembered for a week, so that it is not done again. */
  closeRequest(id: string): Promise<void>;
}

/** The half of the store that changes nothing. */
export type ThreadReader = Pick<ThreadStore, "thread" | "openThreads" | "requests">;
