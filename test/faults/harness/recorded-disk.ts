import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Random } from "../../../testkit/seeded-random.ts";

/** What a process did to its files and said, in order, as `strace -y -xx` has written it down. */
export type DiskEvent =
  | { readonly kind: "create" | "unlink" | "sync"; readonly path: string }
  | { readonly kind: "write"; readonly path: string; readonly bytes: Buffer; readonly at: number }
  | { readonly kind: "truncate"; readonly path: string; readonly to: number }
  | { readonly kind: "said"; readonly text: string };

/** The options of strace that `readTrace` goes by. The one thread whose doings count is traced, and no other. */
export const STRACE = [
  "-y",
  "-xx",
  "-s",
  "1000000",
  "-e",
  "trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink",
];

/** How a power cut may leave what was written and not synced. */
export type Left = "only what was synced" | "everything" | "some of the rest, torn";
export const LEFT: readonly Left[] = ["only what was synced", "everything", "some of the rest, torn"];

/** A disk writes this much at once, or not at all. */
const SECTOR = 512;
const FD = String.raw`\d+<([^>]*)>`;
const TEXT = String.raw`"((?:\\x[0-9a-f]{2})*)"`;
const CALLS = {
  open: new RegExp(String.raw`^openat\([^,]+, ${TEXT}, (\S+?)[,)].* = (?!-)`),
  write: new RegExp(String.raw`^p?write(?:64)?\(${FD}, ${TEXT}, \d+(?:, (\d+))?\) = \d`),
  sync: new RegExp(String.raw`^f(?:data)?sync\(${FD}\) = 0`),
  truncate: new RegExp(String.raw`^ftruncate\(${FD}, (\d+)\) = 0`),
  unlink: new RegExp(String.raw`^unlink\(${TEXT}\) = 0`),
};

/** What concerns the files whose path begins with `prefix`, and what was written to the standard output. */
export function readTrace(trace: string, prefix: string): readonly DiskEvent[] {
  return trace.split("\n").flatMap((line): readonly DiskEvent[] => {
    const event = eventOf(line);
    if (event === null) return [];
    return event.kind === "said" || event.path.startsWith(prefix) ? [event] : [];
  });
}

function eventOf(line: string): DiskEvent | null {
  const opened = CALLS.open.exec(line);
  if (opened !== null) {
    return (opened[2] ?? "").includes("O_CREAT") ? { kind: "create", path: decode(opened[1]).toString() } : null;
  }
  const written = CALLS.write.exec(line);
  if (written !== null) {
    const [, place, text, at] = written;
    const bytes = decode(text);
    if (line.startsWith("write(1<")) return { kind: "said", text: bytes.toString() };
    return at === undefined ? null : { kind: "write", path: decode(place).toString(), bytes, at: Number(at) };
  }
  const synced = CALLS.sync.exec(line);
  if (synced !== null) return { kind: "sync", path: decode(synced[1]).toString() };
  const truncated = CALLS.truncate.exec(line);
  if (truncated !== null) return { kind: "truncate", path: decode(truncated[1]).toString(), to: Number(truncated[2]) };
  const unlinked = CALLS.unlink.exec(line);
  return unlinked === null ? null : { kind: "unlink", path: decode(unlinked[1]).toString() };
}

function decode(text = ""): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}

/** The bytes of a file, changed in place. */
class Bytes {
  #buffer = Buffer.alloc(1 << 16);
  #length = 0;

  copy(): Bytes {
    const copy = new Bytes();
    copy.#buffer = Buffer.from(this.#buffer);
    copy.#length = this.#length;
    return copy;
  }

  whole(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  apply(event: DiskEvent): void {
    if (event.kind === "truncate") this.#reach(event.to);
    if (event.kind !== "write") return;
    const end = event.at + event.bytes.length;
    if (end > this.#length) this.#reach(end);
    event.bytes.copy(this.#buffer, event.at);
  }

  #reach(length: number): void {
    if (length > this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(length)]);
    // What was cut off reads as zeros when the file grows again.
    if (length < this.#length) this.#buffer.fill(0, length, this.#length);
    this.#length = length;
  }
}

interface File {
  readonly bytes: Bytes;
  /** Done since the last sync, in order. */
  waiting: DiskEvent[];
}

/** The disk after the first events of a trace, for a power cut. */
export class RecordedDisk {
  readonly #folder: string;
  readonly #files = new Map<string, File>();
  /** What the folder itself holds for sure; the rest of `#files` may be gone, and what is not there may be back. */
  #named = new Map<string, File>();

  /** @param folder of the files, as the traced process knew it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes the files into another folder, as the power cut has left them. */
  rebuild(target: string, left: Left, random: Random): void {
    mkdirSync(target, { recursive: true });
    const isKept = () => left === "everything" || (left !== "only what was synced" && random() < 0.5);
    const names = new Set([...this.#named.keys(), ...this.#files.keys()]);
    for (const path of names) {
      const [named, now] = [this.#named.get(path), this.#files.get(path)];
      const file = named === now || !isKept() ? named : now;
      if (file !== undefined) writeFileSync(join(target, basename(path)), contents(file, isKept, left, random));
    }
  }

  /** The next event happens. */
  play(event: DiskEvent): void {
    switch (event.kind) {
      case "said":
        return;
      case "create":
        if (!this.#files.has(event.path)) this.#files.set(event.path, { bytes: new Bytes(), waiting: [] });
        return;
      case "unlink":
        this.#files.delete(event.path);
        return;
      case "sync": {
        if (event.path === this.#folder) this.#named = new Map(this.#files);
        const file = this.#files.get(event.path);
        if (file === undefined) return;
        for (const one of file.waiting) file.bytes.apply(one);
        file.waiting = [];
        return;
      }
      default:
        this.#files.get(event.path)?.waiting.push(event);
    }
  }
}

function contents(file: File, isKept: () => boolean, left: Left, random: Random): Buffer {
  if (file.waiting.length === 0) return file.bytes.whole();
  const bytes = file.bytes.copy();
  for (const event of file.waiting) {
    if (!isKept()) continue;
    const isTorn = left === "some of the rest, torn" && event.kind === "write" && random() < 0.3;
    bytes.apply(isTorn ? torn(event, random) : event);
  }
  return bytes.whole();
}

function torn(event: DiskEvent & { readonly kind: "write" }, random: Random): DiskEvent {
  const sectors = Math.floor((random() * event.bytes.length) / SECTOR);
  return { ...event, bytes: event.bytes.subarray(0, sectors * SECTOR) };
}
