import { TerminalError } from "../base/errors.ts";

/** From here on `node:sqlite` is no experiment any more (https://nodejs.org/api/sqlite.html). */
const NODE = [24, 15] as const;
/** `returning` with `is not distinct from`. A Node that a distribution has built may come with the SQLite of that. */
const SQLITE = [3, 39] as const;

/** The versions of this process, as in `process.versions`. */
export interface NodeVersions {
  readonly node: string;
  /** Left out by a Node that was built without. */
  readonly sqlite?: string | undefined;
}

/** What this Node lacks to run Sevgate, and what to do; `null`: nothing. */
export function nodeLack({ node, sqlite }: NodeVersions): { readonly says: string; readonly remedy: string } | null {
  if (!isAtLeast(node, NODE)) {
    return {
      says: `this is Node ${node}, and Sevgate needs ${NODE.join(".")} or newer`,
      remedy: "Install it from https://nodejs.org.",
    };
  }
  if (sqlite === undefined || !isAtLeast(sqlite, SQLITE)) {
    return {
      says: `this Node was built with SQLite ${sqlite ?? "left out"}, and Sevgate needs ${SQLITE.join(".")} or newer`,
      remedy: "Install Node's own build from https://nodejs.org.",
    };
  }
  return null;
}

/**
 * Looks whether this Node can run Sevgate. bin/sevgate.js says the same earlier, where Sevgate is a program of its own.
 *
 * @throws TerminalError with what to do
 */
export function requireNode(versions: NodeVersions): void {
  const lack = nodeLack(versions);
  if (lack !== null) throw new TerminalError(`${lack.says}. ${lack.remedy}`);
}

function isAtLeast(version: string, [leastMajor, leastMinor]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
