import type { DocumentPath } from "./positions.ts";

const GAP = Symbol("gap");

/** A document of lists and maps from which things are taken out, and which still knows where everything stood. */
export class Gaps {
  readonly #document: unknown;

  constructor(document: unknown) {
    this.#document = structuredClone(document);
  }

  /**
   * Takes out what stands at `path`; where nothing does, what it would stand in.
   *
   * @param standIn what takes its place; `undefined`: nothing does; `null`: it cannot be taken out
   * @returns whether it was taken out
   */
  takeOut(path: DocumentPath, standIn: (path: DocumentPath) => unknown): boolean {
    const last = path.at(-1);
    if (last === undefined) return false;
    const around = path.slice(0, -1);
    const holder = around.reduce<unknown>((value, step) => (isHolder(value) ? value[step] : undefined), this.#document);
    if (!isHolder(holder) || !Object.hasOwn(holder, last)) return this.takeOut(around, standIn);
    const instead = standIn(path);
    if (instead === null) return false;
    holder[last] = instead === undefined ? GAP : instead;
    return true;
  }

  /** The document without the gaps; `asWritten` turns a path in it into that of the document as it was. */
  close(): { readonly rest: unknown; asWritten(path: DocumentPath): DocumentPath } {
    const indices = new Map<string, readonly number[]>();
    const rest = closed(this.#document, [], indices);
    const indexIn = (list: DocumentPath, index: number) => indices.get(JSON.stringify(list))?.[index] ?? index;
    return {
      rest,
      asWritten: (path) => path.map((step, at) => (typeof step === "number" ? indexIn(path.slice(0, at), step) : step)),
    };
  }
}

function isHolder(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}

/** @param indices by the path of a list in the result: where its entries stood */
function closed(value: unknown, path: DocumentPath, indices: Map<string, readonly number[]>): unknown {
  if (Array.isArray(value)) {
    const kept = [...value.keys()].filter((index) => value[index] !== GAP);
    indices.set(JSON.stringify(path), kept);
    return kept.map((index, at) => closed(value[index], [...path, at], indices));
  }
  if (!isHolder(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== GAP);
  return Object.fromEntries(kept.map(([name, one]) => [name, closed(one, [...path, name], indices)]));
}
