import type { DocumentPath } from "./positions.ts";

/**
 * A document of the policy laid over another: maps key by key, everything else as a whole. What `close-requires` asks for
 * and what `commands.bots` grants are wholes, too, although they may be written as maps.
 */
export function layOver(below: unknown, above: unknown, path: DocumentPath = []): unknown {
  if (!isMap(below) || !isMap(above) || isWhole(path)) return above;
  const laid: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    laid[key] = Object.hasOwn(below, key) ? layOver(below[key], value, [...path, key]) : value;
  }
  return laid;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole([section, field, key, ...more]: DocumentPath): boolean {
  if (section === "commands") return field === "bots" && key === undefined;
  return section === "severities" && field !== undefined && key === "close-requires" && more.length === 0;
}
