import type { AllowedChannel } from "../../core/chat/allowed-channels.ts";
import type { ThreadStore } from "../../store/thread-store.ts";
import type { Slack } from "./ports.ts";

/** Everything that passes need of Slack. */
export interface SlackParts {
  readonly slack: Slack;
  readonly threads: ThreadStore;
  /** By the operator; empty: none, and nothing is sent. */
  readonly channels: readonly AllowedChannel[];
}
