import { TerminalError } from "../../base/errors.ts";

/** Slack said no. `reason` is its word for why, e.g. `channel_not_found` (docs.slack.dev, each method's "Errors"). */
export class SlackRefusedError extends TerminalError {
  readonly reason: string;

  constructor(method: string, reason: string) {
    super(`${method}: Slack refused: ${reason}`);
    this.reason = reason;
  }
}
