import { plain, type SlackText } from "./message.ts";
import { plainText } from "./mrkdwn.ts";
import { SLACK_LIMITS } from "./slack-limits.ts";

/** A modal, as "views.open" expects it. */
export interface SlackView {
  readonly type: "modal";
  readonly callback_id: string;
  readonly private_metadata: string;
  readonly title: SlackText;
  readonly submit: SlackText;
  readonly close: SlackText;
  readonly blocks: readonly object[];
}

/** What the form offers. */
export interface DeclareFacts {
  /** Where it was requested, for the answer. */
  readonly channel: string;
  /** 1 to 100, the likeliest first: what the policies of this channel's repositories allow. */
  readonly repositories: readonly {
    readonly id: number;
    readonly name: string;
    readonly severities: readonly string[];
  }[];
  /** What was written after `/incident declare`. */
  readonly title: string;
}

/** The name of the form in the request that Slack sends. */
export const DECLARE_FORM = "sevgate:declare";

/** The form behind `/incident declare`. Everything in it is plain text. */
export function declareForm(facts: DeclareFacts): SlackView {
  const severities = [...new Set(facts.repositories.flatMap((one) => one.severities))].slice(0, SLACK_LIMITS.options);
  const title = plainText(facts.title, 200);
  const repositories = facts.repositories.slice(0, SLACK_LIMITS.options);
  return {
    type: "modal",
    callback_id: DECLARE_FORM,
    private_metadata: facts.channel,
    title: plain("Declare an incident"),
    submit: plain("Declare"),
    close: plain("Cancel"),
    blocks: [
      input("title", "What is wrong?", {
        type: "plain_text_input",
        max_length: 200,
        placeholder: plain("Checkout is down"),
        ...(title === "" ? {} : { initial_value: title }),
      }),
      input("severity", "Severity", select(severities.map((name) => [name, name]))),
      input("repository", "Repository", select(repositories.map((one) => [String(one.id), one.name]))),
      {
        ...input("text", "What is known?", { type: "plain_text_input", multiline: true, max_length: 2_500 }),
        optional: true,
      },
    ],
  };
}

function input(name: string, label: string, element: object) {
  return { type: "input", block_id: name, label: plain(label), element: { action_id: "value", ...element } };
}

function select(options: readonly (readonly [value: string, text: string])[]) {
  const shown = options.map(([value, text]) => ({ text: plain(plainText(text, SLACK_LIMITS.optionText)), value }));
  return { type: "static_select", options: shown, ...(shown.length === 1 ? { initial_option: shown[0] } : {}) };
}
