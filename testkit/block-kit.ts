import { SLACK_LIMITS as LIMITS, MAX_BLOCKS_CHARACTERS } from "../src/core/chat/slack/slack-limits.ts";

/** Anything with fields. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * What Slack would refuse in a message, or show differently from what was meant, in words; empty: nothing. The emulator
 * accepts any blocks, so every message in the tests goes through here.
 */
export function messageProblems(message: { readonly text?: unknown; readonly blocks?: unknown }): readonly string[] {
  const problems: string[] = [];
  if (typeof message.text !== "string" || message.text.trim() === "") problems.push("no text: Slack drops the blocks");
  else if (message.text.length > 4_000) problems.push("a text over 4,000 characters cannot be edited");
  else problems.push(...markProblems("text", message.text));
  if (!Array.isArray(message.blocks)) return [...problems, "no blocks"];
  const { blocks } = message;
  if (blocks.length > LIMITS.blocksPerMessage) problems.push(`${blocks.length} blocks`);
  if (JSON.stringify(blocks).length > MAX_BLOCKS_CHARACTERS) problems.push("msg_blocks_too_long");
  return [...problems, ...blocks.flatMap((block) => blockProblems(block as Fields))];
}

/** The same for a modal. */
export function viewProblems(view: object): readonly string[] {
  const { type, title, submit, close, blocks, callback_id, private_metadata } = view as Record<string, unknown>;
  return [
    ...(type === "modal" ? [] : ["not a modal"]),
    ...textProblems("title", title, LIMITS.modalTitle, "plain_text"),
    ...textProblems("submit", submit, LIMITS.modalButton, "plain_text"),
    ...textProblems("close", close, LIMITS.modalButton, "plain_text"),
    ...lengthProblems("callback_id", callback_id, LIMITS.callbackId),
    ...(String(private_metadata).length > LIMITS.privateMetadata ? ["private_metadata"] : []),
    ...((blocks as unknown[]).length > LIMITS.blocksPerModal ? ["blocks"] : []),
    ...(blocks as Fields[]).flatMap(blockProblems),
  ];
}

function blockProblems(block: Fields): readonly string[] {
  const id = block["block_id"] === undefined ? [] : lengthProblems("block_id", block["block_id"], LIMITS.blockId);
  switch (block["type"]) {
    case "header":
      return [...id, ...textProblems("header", block["text"], LIMITS.headerText, "plain_text")];
    case "section": {
      const fields = (block["fields"] ?? []) as readonly unknown[];
      return [
        ...id,
        ...(block["text"] === undefined && fields.length === 0 ? ["a section without text and fields"] : []),
        ...(block["text"] === undefined ? [] : textProblems("section", block["text"], LIMITS.sectionText)),
        ...(fields.length > LIMITS.sectionFields ? [`${fields.length} fields`] : []),
        ...fields.flatMap((field) => textProblems("field", field, LIMITS.fieldText)),
      ];
    }
    case "context": {
      const elements = block["elements"] as readonly unknown[];
      return [
        ...id,
        ...(elements.length === 0 || elements.length > LIMITS.contextElements ? ["elements of a context"] : []),
        ...elements.flatMap((element) => textProblems("context", element, LIMITS.sectionText)),
      ];
    }
    case "actions": {
      const elements = block["elements"] as readonly Fields[];
      const ids = elements.map((element) => element["action_id"]);
      return [
        ...id,
        ...(elements.length === 0 || elements.length > LIMITS.actionElements ? ["elements of actions"] : []),
        ...(new Set(ids).size < ids.length ? ["an action_id twice in a block"] : []),
        ...elements.flatMap(buttonProblems),
      ];
    }
    case "input":
      return [
        ...id,
        ...textProblems("label", block["label"], LIMITS.inputLabel, "plain_text"),
        ...inputProblems(block["element"] as Fields),
      ];
    default:
      return [`${String(block["type"])} is no block we use`];
  }
}

function buttonProblems(button: Fields): readonly string[] {
  const confirm = button["confirm"] as Fields | undefined;
  return [
    ...(button["type"] === "button" ? [] : [`${String(button["type"])} is no button`]),
    ...lengthProblems("action_id", button["action_id"], LIMITS.actionId),
    ...textProblems("button", button["text"], LIMITS.buttonText, "plain_text"),
    ...(String(button["value"] ?? "").length > LIMITS.buttonValue ? ["value"] : []),
    ...(String(button["url"] ?? "").length > LIMITS.url ? ["url"] : []),
    ...(confirm === undefined
      ? []
      : [
          ...textProblems("confirm title", confirm["title"], LIMITS.confirmTitle, "plain_text"),
          ...textProblems("confirm text", confirm["text"], LIMITS.confirmText),
          ...textProblems("confirm", confirm["confirm"], LIMITS.confirmButton, "plain_text"),
          ...textProblems("deny", confirm["deny"], LIMITS.confirmButton, "plain_text"),
        ]),
  ];
}

function inputProblems(element: Fields): readonly string[] {
  const action = lengthProblems("action_id", element["action_id"], LIMITS.actionId);
  if (element["type"] === "plain_text_input") {
    const most = element["max_length"];
    return [
      ...action,
      ...(typeof most === "number" && most > LIMITS.plainInputLength ? ["max_length"] : []),
      ...(String(element["initial_value"] ?? "").length > Number(most ?? LIMITS.plainInputLength)
        ? ["initial_value"]
        : []),
      ...(element["placeholder"] === undefined
        ? []
        : textProblems("placeholder", element["placeholder"], LIMITS.placeholder, "plain_text")),
    ];
  }
  if (element["type"] !== "static_select") return [`${String(element["type"])} is no input we use`];
  const options = element["options"] as readonly Fields[];
  return [
    ...action,
    ...(options.length === 0 || options.length > LIMITS.options ? [`${options.length} options`] : []),
    ...options.flatMap((option) => [
      ...textProblems("option", option["text"], LIMITS.optionText, "plain_text"),
      ...lengthProblems("option value", option["value"], LIMITS.optionValue),
    ]),
  ];
}

function textProblems(where: string, text: unknown, most: number, type?: "plain_text"): readonly string[] {
  const { type: given, text: words, verbatim, emoji } = (text ?? {}) as Fields;
  if (typeof words !== "string") return [`${where}: no text`];
  return [
    ...(type !== undefined && given !== type ? [`${where}: ${String(given)}`] : []),
    ...lengthProblems(where, words, most),
    ...(given === "mrkdwn" && verbatim !== true ? [`${where}: Slack would look for names by itself`] : []),
    ...(given === "mrkdwn" ? markProblems(where, words) : []),
    ...(given === "plain_text" && emoji !== false ? [`${where}: :codes: would become emoji`] : []),
  ];
}

function lengthProblems(where: string, words: unknown, most: number): readonly string[] {
  if (typeof words !== "string" || words.length === 0) return [`${where} is empty`];
  return words.length > most ? [`${where}: ${words.length} characters, ${most} at most`] : [];
}

/** Everything with an effect in mrkdwn is in brackets; nothing may be cut inside one, or inside an entity. */
function markProblems(where: string, words: string): readonly string[] {
  const rest = words.replace(/<(?:@[UW][A-Z0-9]+|!date\^\d+\^[^<>|]*\|[^<>|]*|https?:\/\/[^<>|\s]+\|[^<>|\n]+)>/g, "");
  const problems: string[] = [];
  if (/[<>]/.test(rest)) problems.push(`${where}: a bracket that is no mention, date or link: ${rest}`);
  if (/&(?!amp;|lt;|gt;)/.test(rest)) problems.push(`${where}: an ampersand that is not escaped: ${rest}`);
  return problems;
}

/** Whom a message notifies: users, groups, everybody. In plain text Slack reads no markup. */
export function mentionsIn(message: { readonly text: string; readonly blocks: readonly unknown[] }): readonly string[] {
  const read = JSON.stringify([message.text, message.blocks], (_, value: unknown) =>
    typeof value === "object" && value !== null && "type" in value && value.type === "plain_text" ? null : value,
  );
  return [...read.matchAll(/<([@!](?!date\^)[^<>]*)>/g)].map(([, mention]) => mention ?? "");
}
