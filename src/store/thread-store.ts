import type { Instant } from "../core/model.ts";

/** What is known about an incident's thread in a chat. The texts are JSON, as in core/chat/thread-state.ts. */
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
  /** Given by the chat: the same request has the same id when it is sent again. */
  readonly id: string;
  readonly repositoryId: number;
  /** The incident; `null`: one that is to be declared. */
  readonly number: number | null;
  /** What was asked, and by whom; JSON. */
  readonly body: string;
  /** A pass's answer to it; JSON. `null`: none yet. */
  readonly answer: string | null;
  /** When it arrived. */
  readonly at: Instant;
}

/**
 * What has to be remembered for a chat. Losing it costs little: the record on GitHub also says where the root message is.
 *
 * Every call may throw `TransientError`.
 */
export interface ThreadStore {
  thread(repositoryId: number, number: number): Promise<KnownThread | null>;
  /** Of a repository's open incidents, by number. */
  openThreads(repositoryId: number): Promise<readonly KnownThread[]>;
  /**
   * The threads of open incidents that were announced in the channel (its id), by repository and number, with those that
   * somebody without rights declared last; at most `most`.
   */
  openThreadsIn(channel: string, most: number): Promise<readonly (KnownThread & { readonly repositoryId: number })[]>;
  saveThreadView(repositoryId: number, number: number, view: string): Promise<void>;
  /**
   * Only over the revision `over` (0: nothing there yet). `false`: somebody else was faster, and nothing was saved.
   *
   * @param channel the id of the channel it is in; `null`: none
   */
  saveThreadSent(
    repositoryId: number,
    number: number,
    over: number,
    sent: string,
    channel: string | null,
  ): Promise<boolean>;
  /**
   * Takes one of the announcements that incidents from outside the team have in the hour before `at`, for good: an incident
   * that is asked about again already has one. `false`: none is left for its author, or for the repository.
   */
  reserveAnnouncement(
    repositoryId: number,
    number: number,
    author: string,
    at: Instant,
    most: { readonly ofAuthor: number; readonly ofRepository: number },
  ): Promise<boolean>;

  /** `false`: it is already there. Requests more than a week old are forgotten. */
  addRequest(request: Omit<KnownRequest, "answer">): Promise<boolean>;
  request(id: string): Promise<KnownRequest | null>;
  /** Oldest first, without those that were closed. */
  requests(repositoryId: number, number: number | null): Promise<readonly KnownRequest[]>;
  answerRequest(id: string, answer: string): Promise<void>;
  /** The person has been told, and nothing more has to be done. Remembered for a week, so that it is not done again. */
  closeRequest(id: string): Promise<void>;
}

/** The half of the store that changes nothing. */
export type ThreadReader = Pick<ThreadStore, "thread" | "openThreads" | "requests">;
