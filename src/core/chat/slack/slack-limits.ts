/**
 * Slack's limits. Lengths are in characters as Slack counts them; we count UTF-16 code units, which are never fewer.
 *
 * Sources: docs.slack.dev, "Blocks" and "Block elements" reference pages, "chat.postMessage", "Rate limits".
 */
export const SLACK_LIMITS = {
  blocksPerMessage: 50,
  headerText: 150,
  sectionText: 3_000,
  sectionFields: 10,
  fieldText: 2_000,
  contextElements: 10,
  actionElements: 25,
  buttonText: 75,
  buttonValue: 2_000,
  url: 3_000,
  actionId: 255,
  blockId: 255,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  modalTitle: 24,
  modalButton: 24,
  blocksPerModal: 100,
  privateMetadata: 3_000,
  callbackId: 255,
  inputLabel: 2_000,
  inputHint: 2_000,
  placeholder: 150,
  plainInputLength: 3_000,
  options: 100,
  optionText: 75,
  optionValue: 150,
} as const;

/**
 * The longest `text` of a message that we send: Slack accepts 40,000 characters, but a message of more than 4,000
 * cannot be edited ("chat.update", `msg_too_long`).
 */
export const MAX_FALLBACK_CHARACTERS = 3_000;

/**
 * The longest blocks of one message, as JSON. Slack refuses about 13,200 characters and more (`msg_blocks_too_long`;
 * undocumented, seen in slackapi/bolt-js issue 2509).
 */
export const MAX_BLOCKS_CHARACTERS = 10_000;

/** Between two messages in one channel: Slack asks for one a second ("Rate limits", `chat.postMessage`). */
export const MESSAGE_SPACING_MS = 1_100;
