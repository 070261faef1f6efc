import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from "js-yaml";

/** A position in a text: both are 1-based; columns count UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place in a document by its keys and (0-based) list indices. */
export type DocumentPath = readonly (string | number)[];

/** Finds places in a YAML text. */
export interface Positions {
  /** The place of the value at `path`, or of its key; that of the nearest thing around it if the text has neither. */
  of(path: DocumentPath, what: "key" | "value"): Place;
  /** The place of an offset in UTF-16 units; beyond the text, its end. */
  at(offset: number): Place;
  /** The path whose key begins at `offset`; `null`: none does. */
  pathAt(offset: number): DocumentPath | null;
  /** Every path that has a key of its own, in the order of the text. */
  readonly keys: readonly DocumentPath[];
}

interface Offsets {
  readonly key: number;
  readonly value: number;
}

/**
 * Reads the places from the events of js-yaml, whose values and syntax tree do not have any.
 *
 * @param text   without a byte order mark
 * @param events from `parseEvents(text)`; the first document counts. Empty: only `at` knows anything
 */
export function yamlPositions(text: string, events: readonly Event[]): Positions {
  const lineStarts = [0, ...Array.from(text.matchAll(/\r\n|\n|\r/g), (match) => match.index + match[0].length)];
  const offsets = new Map<string, Offsets>();
  const pathsByKeyOffset = new Map<number, DocumentPath>();
  const keys: DocumentPath[] = [];
  // The first event opens the document.
  let next = 1;

  function readNode(path: DocumentPath, keyOffset: number): void {
    const event = events[next];
    if (event === undefined || event.type === EVENT_ID.POP) return;
    next += 1;
    const value = startOf(event);
    offsets.set(JSON.stringify(path), { key: keyOffset, value: value < 0 ? keyOffset : value });
    if (event.type === EVENT_ID.SEQUENCE) {
      for (let index = 0; !closes(); index += 1) readNode([...path, index], -1);
    } else if (event.type === EVENT_ID.MAPPING) {
      while (!closes()) readEntry(path);
    }
  }

  function readEntry(path: DocumentPath): void {
    const key = events[next]!;
    if (key.type === EVENT_ID.SCALAR) {
      next += 1;
      const entry = [...path, getScalarValue(text, key)];
      const start = startOf(key);
      pathsByKeyOffset.set(start, entry);
      keys.push(entry);
      readNode(entry, start);
    } else {
      // js-yaml refuses such keys when it builds the values; here they only have to be skipped.
      readNode([...path, "?"], startOf(key));
      readNode([...path, "?"], startOf(key));
    }
  }

  /** Whether the collection ends here; if so, steps over its end. */
  function closes(): boolean {
    if (next < events.length && events[next]!.type !== EVENT_ID.POP) return false;
    next += 1;
    return true;
  }

  function at(offset: number): Place {
    const inside = Math.min(Math.max(offset, 0), text.length);
    let low = 0;
    let high = lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (lineStarts[middle]! <= inside) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: inside - lineStarts[low]! + 1 };
  }

  if (events.length > 0) readNode([], -1);

  return {
    keys,
    at,
    of(path, what) {
      const exact = offsets.get(JSON.stringify(path));
      if (exact !== undefined) return at(what === "key" && exact.key >= 0 ? exact.key : exact.value);
      for (let length = path.length - 1; length >= 0; length -= 1) {
        const around = offsets.get(JSON.stringify(path.slice(0, length)));
        if (around !== undefined) return at(around.key >= 0 ? around.key : around.value);
      }
      return at(0);
    },
    pathAt(offset) {
      return pathsByKeyOffset.get(offset) ?? null;
    },
  };
}

/** Where a node begins, including its tag, anchor and opening quote; -1: it has no text. */
function startOf(event: Event): number {
  switch (event.type) {
    case EVENT_ID.SCALAR: {
      const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
      return first(event.tagStart, event.anchorStart, event.valueStart - (quoted ? 1 : 0));
    }
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING:
      return first(event.tagStart, event.anchorStart, event.start);
    case EVENT_ID.ALIAS:
      return event.anchorStart;
    default:
      return -1;
  }
}

function first(...candidates: readonly number[]): number {
  const present = candidates.filter((offset) => offset >= 0);
  return present.length === 0 ? -1 : Math.min(...present);
}
