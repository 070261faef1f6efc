import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type GitHubRequest, requestsToGitHub } from "../testkit/requests-to-github.ts";
import { describeCommand } from "./describe-command.ts";

/** The package with GitHub's description of its REST API; for a newer one, change the version here. */
const PACKAGE = { name: "@octokit/openapi", version: "23.0.2" } as const;

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const WRITTEN = "testkit/github-description.json";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Fields = Readonly<Record<string, Json>>;

/** The key for what a version of the API changes, next to what it changes. */
const CHANGES = "x-github-breaking-changes";

/** The keys of a part that define its shape, and what each contains; anything not named here is prose or noise. */
type Shape = Readonly<Record<string, Part>>;
/** `itself`: all of it, as it is. `each`: every entry of a list or of a map, whose names are somebody's own. */
type Part = "itself" | { readonly each: () => Shape } | { readonly one: () => Shape };

const SCHEMA: Shape = {
  $ref: "itself",
  type: "itself",
  nullable: "itself",
  enum: "itself",
  format: "itself",
  required: "itself",
  pattern: "itself",
  minLength: "itself",
  maxLength: "itself",
  minItems: "itself",
  maxItems: "itself",
  minimum: "itself",
  maximum: "itself",
  properties: { each: () => SCHEMA },
  additionalProperties: { one: () => SCHEMA },
  items: { one: () => SCHEMA },
  oneOf: { each: () => SCHEMA },
  anyOf: { each: () => SCHEMA },
  allOf: { each: () => SCHEMA },
};
const MEDIA: Shape = { schema: { one: () => SCHEMA } };
const BODY: Shape = {
  $ref: "itself",
  required: "itself",
  content: { one: () => ({ "application/json": { one: () => MEDIA } }) },
};
const PARAMETER: Shape = {
  $ref: "itself",
  name: "itself",
  in: "itself",
  required: "itself",
  schema: { one: () => SCHEMA },
};
const OPERATION: Shape = {
  parameters: { each: () => PARAMETER },
  requestBody: { one: () => BODY },
  responses: { each: () => BODY },
};
/** The parts that others refer to by `#/components/…`. */
const COMPONENTS: Readonly<Record<string, Shape>> = { schemas: SCHEMA, parameters: PARAMETER, responses: BODY };

/** The shape of a part, without its prose. The same for a part of a change, where `null` takes something away. */
function shapeOf(node: Json | undefined, shape: Shape): Json {
  if (!isFields(node)) return node ?? null;
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node)) {
    const part = shape[key];
    if (key === CHANGES) {
      // One that is described only in prose keeps its name, so that somebody looks at it.
      kept[key] = (value as readonly Fields[]).map((change) => ({ ...change, patch: patchOf(change["patch"], shape) }));
    } else if (part === undefined) continue;
    else if (part === "itself") kept[key] = value;
    else if ("one" in part) kept[key] = shapeOf(value, part.one());
    else if (Array.isArray(value)) kept[key] = value.map((entry) => shapeOf(entry, part.each()));
    else if (!isFields(value)) kept[key] = value;
    else {
      kept[key] = Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, shapeOf(entry, part.each())]));
    }
  }
  return kept;
}

/** A change in the form of a JSON Patch keeps only those steps that change a shape; the other form is itself a part. */
function patchOf(patch: Json | undefined, shape: Shape): Json {
  if (!Array.isArray(patch)) return shapeOf(patch, shape);
  return (patch as readonly Fields[]).filter((step) => {
    let at: Shape | "any" = shape;
    const keys = String(step["path"])
      .slice(1)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    for (let index = 0; index < keys.length && at !== "any"; index++) {
      const part: Part | undefined = at[keys[index] ?? ""];
      if (part === undefined) return false;
      if (part === "itself") at = "any";
      else if ("one" in part) at = part.one();
      else {
        at = part.each();
        index++;
      }
    }
    return true;
  });
}

function isFields(node: Json | undefined): node is Fields {
  return typeof node === "object" && node !== null && !Array.isArray(node);
}

/** Every component that a part refers to. */
function referencesIn(node: Json): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(referencesIn);
  if (!isFields(node)) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === "$ref" && typeof value === "string" ? [value] : referencesIn(value),
  );
}

/** Two requests with the same key are the same one, whatever their placeholders are called. */
function keyOf({ method, path }: GitHubRequest): string {
  return `${method} ${path.replaceAll(/\{[^}]*\}/g, "{}")}`;
}

/** Makes the description from the package's folder: the part that is used, and its notice. */
function describe(folder: string): Json {
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const { name, version } = JSON.parse(read("package.json")) as { readonly name: string; readonly version: string };
  if (name !== PACKAGE.name || version !== PACKAGE.version) {
    throw new Error(
      `${folder} holds ${name}@${version}. For a newer one, first change the version in scripts/describe-github.ts.`,
    );
  }
  const whole = JSON.parse(read("generated/api.github.com.json")) as {
    readonly paths: Readonly<Record<string, Fields>>;
    readonly components: Readonly<Record<string, Fields>>;
  };
  const known = new Map<string, readonly [path: string, method: string, operation: Json]>();
  for (const [path, operations] of Object.entries(whole.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      known.set(keyOf({ method: method.toUpperCase(), path }), [path, method, operation]);
    }
  }
  const paths: Record<string, Record<string, Json>> = {};
  const components: Record<string, Record<string, Json>> = {};
  const toRead: string[] = [];
  for (const request of requestsToGitHub()) {
    const found = known.get(keyOf(request));
    if (found === undefined) throw new Error(`${request.method} ${request.path} is no request GitHub knows.`);
    const [path, method, operation] = found;
    const shape = shapeOf(operation, OPERATION);
    paths[path] = { ...paths[path], [method]: shape };
    toRead.push(...referencesIn(shape));
  }
  for (let reference = toRead.pop(); reference !== undefined; reference = toRead.pop()) {
    const [, kind = "", name = ""] = /^#\/components\/(\w+)\/([^/]+)$/.exec(reference) ?? [];
    const shape = COMPONENTS[kind];
    const component = whole.components[kind]?.[name];
    if (shape === undefined || component === undefined) throw new Error(`${reference} is no component known here.`);
    if (components[kind]?.[name] !== undefined) continue;
    const kept = shapeOf(component, shape);
    components[kind] = { ...components[kind], [name]: kept };
    toRead.push(...referencesIn(kept));
  }
  return {
    source: { ...PACKAGE, of: "https://github.com/github/rest-api-description", madeBy: "scripts/describe-github.ts" },
    licence: read("LICENSE").trim(),
    versions: versionsIn(whole as unknown as Json),
    paths,
    components: sorted(Object.fromEntries(Object.entries(components).map(([kind, parts]) => [kind, sorted(parts)]))),
  };
}

/** Every version of the API that changes something, oldest first. */
function versionsIn(whole: Json): readonly string[] {
  const versions = new Set<string>();
  const look = (node: Json): void => {
    if (Array.isArray(node)) node.forEach(look);
    if (!isFields(node)) return;
    for (const change of (node[CHANGES] ?? []) as readonly Fields[]) versions.add(String(change["version"]));
    Object.values(node).forEach(look);
  };
  look(whole);
  return [...versions].toSorted();
}

function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** One line for each operation and component, so that a newer version's changes can be seen. */
function written(node: Json, depth = 0): string {
  const opened =
    depth < 3 && isFields(node) && Object.values(node).some((value) => isFields(value) || Array.isArray(value));
  if (!opened) return JSON.stringify(node);
  const indent = "  ".repeat(depth);
  const lines = Object.entries(node).map(
    ([key, value]) => `${indent}  ${JSON.stringify(key)}: ${written(value, depth + 1)}`,
  );
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/** What is stale about the description in the repository; empty when nothing is. */
function stale(): readonly string[] {
  const { source, paths } = JSON.parse(readFileSync(join(ROOT, WRITTEN), "utf8")) as {
    readonly source: { readonly name: string; readonly version: string };
    readonly paths: Readonly<Record<string, Fields>>;
  };
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => keyOf({ method: method.toUpperCase(), path })),
  );
  const used = requestsToGitHub().map(keyOf);
  return [
    ...(source.version === PACKAGE.version ? [] : [`made from ${source.version}, not ${PACKAGE.version}`]),
    ...used.filter((key) => !described.includes(key)).map((key) => `not described: ${key}`),
    ...described.filter((key) => !used.includes(key)).map((key) => `no longer used: ${key}`),
  ];
}

process.exitCode = describeCommand({
  package: PACKAGE,
  file: WRITTEN,
  script: "scripts/describe-github.ts",
  describe: (folder) => `${written(describe(folder))}\n`,
  stale,
});
