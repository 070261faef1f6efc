import { readFileSync } from "node:fs";

const PROGRAM = readFileSync(new URL("../bin/sevgate.js", import.meta.url), "utf8");
const [, options] = /^#!\S+ -S node (.*)$/m.exec(PROGRAM) ?? [];
if (options === undefined) throw new Error("the first line of bin/sevgate.js names no options");

/** What Sevgate starts Node with, from the first line of its program (docs/decisions/0033-built-into-few-files.md). */
export const NODE_OPTIONS: readonly string[] = options.split(" ");
