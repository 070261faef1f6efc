import { TerminalError } from "../base/errors.ts";

/** From this version on, `node:sqlite` is no longer experimental (https://nodejs.org/api/sqlite.html). */
const NODE = [24, 15] as const;
/** For `returning` and `is not distinct from`. A Node built by a distribution may use that distribution's SQLite. */
const SQLITE = [3, 39] as const;

/** The versions of this process, as in `process.versions`. */
export interface NodeVersions {
  readonly node: string;
  /** Left out by a Node that was built without it. */
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
 * Checks whether this Node can run Sevgate. Where Sevgate is a program of its own, bin/sevgate.js says the same earlier.
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
