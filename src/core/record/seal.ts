import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { readJson } from "../read-json.ts";
import type { Entry } from "./entry.ts";
import { IncidentRecord } from "./record.ts";

/** Where a sealed record belongs. A block copied to another app, repository or issue does not verify. */
export interface SealedFor {
  readonly appId: number;
  readonly repositoryId: number;
  readonly issueNodeId: string;
}

/** A key that signs records. The block names its key, so that previous keys still verify after a rotation. */
export interface RecordKey {
  readonly name: string;
  readonly secret: Buffer;
}

/** The first key signs; all verify. Never empty. */
export type RecordKeys = readonly [RecordKey, ...RecordKey[]];

/** Makes a record key from any secret text. The name tells keys apart and reveals nothing about the secret. */
export function recordKey(secretText: string): RecordKey {
  const secret = createHmac("sha256", "sevgate record key").update(secretText).digest();
  const name = createHash("sha256").update("sevgate record key name").update(secret).digest("hex").slice(0, 8);
  return { name, secret };
}

const BLOCK =
  /<!-- sevgate:record v(?<version>\d{1,3}) (?<key>[0-9a-f]{8}) (?<payload>[A-Za-z0-9_-]+) (?<signature>[A-Za-z0-9_-]{43}) -->/g;

/** The newest form of the block that this version reads. */
const NEWEST_FORM = 2;

/**
 * The form a record is written in. Version 0.1 knows the first one and takes what it does not know there for somebody's
 * edit; of the second it says that a newer Sevgate wrote it, and leaves it alone.
 */
function formOf({ entries }: IncidentRecord): 1 | typeof NEWEST_FORM {
  return entries.some(isOfTheSecondForm) ? NEWEST_FORM : 1;
}

const KINDS_OF_THE_SECOND_FORM: ReadonlySet<Entry["kind"]> = new Set([
  "drill",
  "item-done",
  "item-dropped",
  "item-reopened",
  "item-snoozed",
  "items-asked",
  "items-filed",
  "post-mortem-accepted",
  "post-mortem-changed",
  "time-corrected",
  "waiver-accepted",
  "waiver-ended",
]);

function isOfTheSecondForm(entry: Entry): boolean {
  if (entry.kind === "waived") return entry.lasts !== undefined || entry.approvals !== undefined;
  if (entry.kind === "reopened") return entry.why === "waiver-ended";
  return KINDS_OF_THE_SECOND_FORM.has(entry.kind);
}

/**
 * The machine block of the status comment: an HTML comment, which people do not see.
 *
 * @throws ZodError for a record that could not be read back: better no new record than a lost one
 */
export function seal(record: IncidentRecord, place: SealedFor, keys: RecordKeys): string {
  IncidentRecord.parse(record);
  const payload = Buffer.from(JSON.stringify(record), "utf8").toString("base64url");
  const signature = sign(payload, record.revision, place, keys[0]).toString("base64url");
  return `<!-- sevgate:record v${formOf(record)} ${keys[0].name} ${payload} ${signature} -->`;
}

/** What a comment's machine block is worth. */
export type Opened =
  | { readonly kind: "valid"; readonly record: IncidentRecord }
  /** Written by a newer Sevgate: not ours to touch. */
  | { readonly kind: "newer" }
  /** `edited` also stands for a block copied from another place: neither verifies. */
  | { readonly kind: "broken"; readonly why: "edited" | "unknown-key" };

/** Reads the machine block of a comment the app itself wrote. Never throws, whatever a person put there. */
export function open(commentBody: string, place: SealedFor, keys: RecordKeys): Opened {
  const block = blockIn(commentBody);
  if (block === null) return { kind: "broken", why: "edited" };
  const { version, key: keyName, payload, signature } = block;
  if (Number(version) > NEWEST_FORM) return { kind: "newer" };
  const key = keys.find((candidate) => candidate.name === keyName);
  if (key === undefined) return { kind: "broken", why: "unknown-key" };

  const record = parse(payload);
  if (record === null) return { kind: "broken", why: "edited" };
  const expected = sign(payload, record.revision, place, key);
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { kind: "broken", why: "edited" };
  return { kind: "valid", record };
}

/**
 * Reads the machine block without the key. What it says may be anybody's who may edit the comment: it may be shown, with the word
 * `unchecked` beside it, and nothing may be done by it.
 */
export function openUnchecked(commentBody: string): Opened {
  const block = blockIn(commentBody);
  if (block === null) return { kind: "broken", why: "edited" };
  if (Number(block.version) > NEWEST_FORM) return { kind: "newer" };
  const record = parse(block.payload);
  return record === null ? { kind: "broken", why: "edited" } : { kind: "valid", record };
}

type Block = Readonly<Record<"version" | "key" | "payload" | "signature", string>>;

/** The one block of a comment; `null`: there is none, or more than one. */
function blockIn(commentBody: string): Block | null {
  const [block, ...more] = commentBody.matchAll(BLOCK);
  return block?.groups === undefined || more.length > 0 ? null : (block.groups as Block);
}

function sign(payload: string, revision: number, place: SealedFor, key: RecordKey): Buffer {
  return createHmac("sha256", key.secret)
    .update(JSON.stringify(["sevgate", 1, place.appId, place.repositoryId, place.issueNodeId, revision, payload]))
    .digest();
}

/** `null`: that is no record; none was ever written without a declaration. */
function parse(payload: string): IncidentRecord | null {
  const record = readJson(IncidentRecord, Buffer.from(payload, "base64url").toString("utf8"));
  return record?.entries.some(({ kind }) => kind === "declared") === true ? record : null;
}
