import { readFileSync } from "node:fs";

const [, options = ""] =
  /^#!.* node (.*)$/m.exec(readFileSync(new URL("../bin/sevgate.js", import.meta.url), "utf8")) ?? [];

/** What Sevgate starts Node with, from the first line of its program (docs/decisions/0033-built-into-few-files.md). */
export const NODE_OPTIONS: readonly string[] = options.split(" ");
