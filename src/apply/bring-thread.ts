import type { Logger } from "pino";
import type { Clock } from "../base/clock.ts";
import { TransientError } from "../base/errors.ts";
import type { Trace } from "../base/trace.ts";
import { type ChatContent, rootContent } from "../core/chat/chat-content.ts";
import {
  mayMove,
  nextThreadStep,
  OUTSIDE_ANNOUNCEMENTS,
  settled,
  type ThreadStep,
  withAttempt,
  withoutAnswer,
  withTold,
} from "../core/chat/plan-thread.ts";
import type { ThreadSent, ThreadTrouble } from "../core/chat/thread-state.ts";
import type { Instant, Key, Millis } from "../core/model.ts";
import type { ThreadObservation } from "../observe/observe-thread.ts";
import type { Lease } from "../queue/lease.ts";
import type { PassResult } from "../queue/queue.ts";
import type { ThreadStore } from "../store/thread-store.ts";
import { type Chat, type ChatPlace, ChatRefusedError, PerhapsSentError } from "../systems/chat.ts";

/** What bringing a chat up to date needs. */
export interface BringThreadParts {
  readonly chat: Chat;
  readonly threads: ThreadStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly trace: Trace;
  readonly lease: Pick<Lease, "assertHeld">;
}

/** How long without an answer until the issue says so. */
const SAY_SO_AFTER_MS = 2 * 60_000;
const GIVE_UP_AFTER_MS = 3_600_000;
/** While the chat does not answer, the wait is as long as it has not answered so far, within these limits. */
const SHORTEST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
/** How often something people have to mend is looked at again while the incident is open. */
const LOOK_AGAIN_MS = (15 * 60_000) as Millis;

/**
 * Takes the steps from what was sent to what the chat should show, one at a time, noting each before it is taken.
 *
 * @throws TransientError when the chat does not answer; what is known by then has been saved
 */
export async function bringThread(parts: BringThreadParts, found: ThreadObservation): Promise<PassResult> {
  return await new Bringing(parts, found).bring();
}

class Bringing {
  readonly #parts: BringThreadParts;
  readonly #found: ThreadObservation;
  #sent: ThreadSent;
  #revision: number;
  /** As `isAllowed.here` and `isAllowed.left`, but also after the thread has moved within this pass. */
  #mayShowHere: boolean;
  #mayShowInLeft: boolean;

  constructor(parts: BringThreadParts, found: ThreadObservation) {
    this.#parts = parts;
    this.#found = found;
    this.#sent = settled(found.view, found.sent);
    this.#revision = found.revision;
    this.#mayShowHere = found.isAllowed.here;
    this.#mayShowInLeft = found.isAllowed.left;
  }

  async bring(): Promise<PassResult> {
    const { view, isAllowed, means } = this.#found;
    for (;;) {
      const step = nextThreadStep(view, this.#sent, this.#parts.chat.digest, means, this.#mayShowInLeft);
      if (step === null) return await this.#rest();
      // A message is left wherever it is: whatever may no longer be shown there goes together with its buttons.
      const allowed = step.kind === "leave" || (step.kind === "move-root" ? isAllowed.byPolicy : this.#mayShowHere);
      if (!allowed) return await this.#trouble("not-allowed", view.channel);
      if (step.kind === "post-root" && (await this.#isHeld())) return await this.#trouble("held", view.outsider ?? "");
      if (step.kind === "stay-unsure") return await this.#trouble("unsure", "");
      const waitMs = this.#waitBefore(step);
      if (waitMs > 0) return { checkAgainIn: waitMs as Millis, alsoLookAt: this.#news() };
      try {
        await this.#parts.trace.take(step.kind, "plan:thread", () => this.#take(step));
      } catch (error) {
        const over = await this.#afterFailure(step, error);
        if (over !== null) return over;
      }
    }
  }

  /** `null`: the thread was started again, and the pass goes on. */
  async #afterFailure(step: ThreadStep, error: unknown): Promise<PassResult | null> {
    if (error instanceof TransientError) return await this.#notAnswered(error);
    if (!(error instanceof ChatRefusedError)) throw error;
    const isHead = step.kind === "post-root" || step.kind === "move-root";
    if (isHead || !error.isGone) return await this.#refused(step, error);
    const { view, isAllowed } = this.#found;
    if (!mayMove(view, this.#sent)) {
      this.#parts.log.warn(
        { step: step.kind, reason: error.reason },
        "the thread in the chat is gone: no more updates",
      );
      await this.#save(
        withTold(
          { ...well(this.#sent), left: null },
          view.replies.map(({ id }) => id),
        ),
      );
      return await this.#rest();
    }
    if (!isAllowed.byPolicy) return await this.#trouble("not-allowed", view.channel);
    const waitMs = this.#parts.chat.waitBefore(view.channel);
    if (waitMs > 0) return { checkAgainIn: waitMs as Millis, alsoLookAt: this.#news() };
    try {
      const head = { kind: "move-root", content: rootContent(view.root), again: false } as const;
      await this.#parts.trace.take(head.kind, "plan:thread:gone", () => this.#takeHead(head));
      await this.#save({ ...this.#sent, left: null });
      return null;
    } catch (second) {
      if (second instanceof TransientError) return await this.#notAnswered(second);
      if (second instanceof ChatRefusedError) return await this.#refused(step, error);
      throw second;
    }
  }

  /** Posts the message that heads the thread, where the policy now wants it. What was posted before is not posted again. */
  async #takeHead(step: Extract<ThreadStep, { readonly kind: "post-root" | "move-root" }>): Promise<void> {
    const name = this.#found.view.channel;
    const { root, moves } = this.#sent;
    const place = await this.#send(step.again, null, name, null, false, step.content);
    const posted = { ...place, name, link: null, linkAsked: false, digest: this.#parts.chat.digest(step.content) };
    const left = root === null ? null : { channel: root.channel, ts: root.ts, name: root.name };
    const moved = left === null ? {} : { left, moves: moves + 1 };
    if (left !== null) {
      this.#mayShowInLeft = this.#mayShowHere;
      this.#mayShowHere = this.#found.isAllowed.byPolicy;
    }
    await this.#save({ ...well(this.#sent), root: posted, attempt: null, ...moved });
  }

  /**
   * Whether it is one too many from outside the team. Once it is, it stays that way until somebody on the team confirms
   * it.
   */
  async #isHeld(): Promise<boolean> {
    const { repository, number, view } = this.#found;
    if (view.outsider === null) return false;
    if (this.#sent.trouble?.kind === "held") return true;
    const { threads, clock } = this.#parts;
    const author = view.outsider;
    return !(await threads.reserveAnnouncement(repository.id, number, author, clock.now(), OUTSIDE_ANNOUNCEMENTS));
  }

  /** Only messages have a rate limit of their own. */
  #waitBefore(step: ThreadStep): number {
    if (step.kind === "reply" && this.#sent.root !== null) return this.#parts.chat.waitBefore(this.#sent.root.channel);
    const isHead = step.kind === "post-root" || step.kind === "move-root";
    return isHead ? this.#parts.chat.waitBefore(this.#found.view.channel) : 0;
  }

  async #take(step: ThreadStep): Promise<void> {
    const { chat, log } = this.#parts;
    const { root } = this.#sent;
    if (step.kind === "post-root" || step.kind === "move-root") return await this.#takeHead(step);
    if (root === null || step.kind === "stay-unsure") return;
    switch (step.kind) {
      case "ask-link": {
        const link = await chat.link(root).catch(unlessRefused(() => null));
        await this.#save({ ...this.#sent, root: { ...root, link, linkAsked: true } });
        return;
      }
      case "leave": {
        const { left } = this.#sent;
        await this.#parts.lease.assertHeld();
        // Whatever became of it, nothing more is posted there.
        if (left !== null) await chat.update(left, step.content).catch(unlessRefused(() => {}));
        await this.#save({ ...this.#sent, left: null });
        return;
      }
      case "update-root":
        await this.#parts.lease.assertHeld();
        await chat.update(root, step.content).catch(
          unlessRefused((error) => {
            if (error.isGone) throw error;
            // News can still be posted to the thread, but this change cannot be shown.
            log.warn({ reason: error.reason }, "the chat does not let the root message be changed");
          }),
        );
        await this.#save({ ...well(this.#sent), root: { ...root, digest: this.#parts.chat.digest(step.content) } });
        return;
      case "reply":
        // Nobody would see it below a message that somebody deleted.
        await chat.link(root).catch(
          unlessRefused((error) => {
            if (error.isGone) throw error;
          }),
        );
        await this.#send(step.again, step.ids, root.channel, root.ts, step.broadcast, step.content);
        await this.#save(withTold(well(this.#sent), step.ids));
    }
  }

  /** Sends a message. Before, it is noted that it may be there; afterwards, what is known about it. */
  async #send(
    again: boolean,
    replies: readonly string[] | null,
    channel: string,
    below: string | null,
    broadcast: boolean,
    content: ChatContent,
  ): Promise<ChatPlace> {
    const { chat, lease } = this.#parts;
    // We cannot ask whether the first one arrived; we can ask whether the chat is there now, which makes a third one
    // unlikely.
    if (again) await chat.ping();
    await this.#save(withAttempt(this.#sent, replies));
    try {
      await lease.assertHeld();
      return await chat.post({ channel, below, broadcast, content });
    } catch (error) {
      if (error instanceof PerhapsSentError) await this.#save(withoutAnswer(this.#sent, "perhaps"));
      else if (error instanceof TransientError || error instanceof ChatRefusedError) {
        await this.#save(withoutAnswer(this.#sent, "no"));
      }
      throw error;
    }
  }

  async #rest(): Promise<PassResult> {
    const sent = well(this.#sent);
    if (JSON.stringify(sent) !== JSON.stringify(this.#sent)) await this.#save(sent);
    return { checkAgainIn: null, alsoLookAt: this.#news() };
  }

  async #refused(step: ThreadStep, { reason }: ChatRefusedError): Promise<PassResult> {
    this.#parts.log.warn({ step: step.kind, reason }, "the chat refused");
    return await this.#trouble("refused", reason);
  }

  async #notAnswered(error: TransientError): Promise<PassResult> {
    const now = this.#parts.clock.now();
    const since = this.#sent.failingSince ?? now;
    const forMs = now - since;
    if (this.#sent.failingSince === null) await this.#save({ ...this.#sent, failingSince: since });
    if (forMs >= GIVE_UP_AFTER_MS) return await this.#trouble("gave-up", "", since);
    const retryAfterMs = error.retryAfterMs ?? Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, forMs));
    if (forMs >= SAY_SO_AFTER_MS) {
      const said = await this.#trouble("not-answering", "", since);
      if (said.alsoLookAt.length > 0) return { ...said, checkAgainIn: retryAfterMs as Millis };
    }
    const alsoLookAt = this.#news();
    if (alsoLookAt.length > 0) return { checkAgainIn: retryAfterMs as Millis, alsoLookAt };
    throw new TransientError(error.message, { cause: error, retryAfterMs });
  }

  /** The thread is not as it should be: the issue says why, once. */
  async #trouble(kind: ThreadTrouble["kind"], reason: string, since?: Instant): Promise<PassResult> {
    const known = this.#sent.trouble;
    if (known?.kind !== kind || known.reason !== reason) {
      await this.#save({ ...this.#sent, trouble: { kind, reason, since: since ?? this.#parts.clock.now() } });
    }
    // Something nobody can mend is not looked at again: another message could be one too many.
    const again = this.#found.view.isOpen && kind !== "unsure" && kind !== "held";
    return { checkAgainIn: again ? LOOK_AGAIN_MS : null, alsoLookAt: this.#news() };
  }

  /** The incident is looked at again if its status comment has something new to say. */
  #news(): readonly Key[] {
    const { repository, number, sent: before } = this.#found;
    const said = ({ root, trouble }: ThreadSent) =>
      JSON.stringify([root?.linkAsked === true ? root.ts : null, trouble?.kind, trouble?.reason]);
    return said(before) === said(this.#sent) ? [] : [{ kind: "incident", repository, number }];
  }

  async #save(sent: ThreadSent): Promise<void> {
    const { repository, number } = this.#found;
    const channel = sent.root?.channel ?? null;
    if (
      !(await this.#parts.threads.saveThreadSent(repository.id, number, this.#revision, JSON.stringify(sent), channel))
    ) {
      throw new TransientError("another pass has told of this incident meanwhile");
    }
    this.#sent = sent;
    this.#revision += 1;
  }
}

/** The chat answers, and allows it. */
function well(sent: ThreadSent): ThreadSent {
  return { ...sent, failingSince: null, trouble: null };
}

/** A refusal by the chat is an answer here; everything else is rethrown. */
function unlessRefused<Instead>(instead: (error: ChatRefusedError) => Instead): (error: unknown) => Instead {
  return (error) => {
    if (error instanceof ChatRefusedError) return instead(error);
    throw error;
  };
}
