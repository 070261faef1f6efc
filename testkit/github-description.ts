import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

/** GitHub's own description of its REST API, as far as tests need it: `github-description.json`. */
export interface GitHubDescription {
  /** What is wrong with a request according to the description; empty when nothing is. */
  problemsOfRequest(method: string, path: string, query: URLSearchParams, body: unknown): readonly string[];
  /**
   * The answer as GitHub would write it: `partial`, with every missing required field made up.
   *
   * Throws when the description does not know the answer, one of its fields, or a value.
   */
  answer(method: string, path: string, status: number, partial: unknown): unknown;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

/**
 * The part of `@octokit/openapi` that scripts/describe-github.ts keeps: the requests that are made, and what they refer
 * to.
 */
interface Document {
  /** Those after the described one, oldest first. */
  readonly versions: readonly string[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: unknown;
}

/** A change made by a version of the API, next to what it changes: a JSON Patch (RFC 6902) or a merge patch (RFC 7396). */
interface BreakingChange {
  readonly changeset: string;
  readonly version: string;
  readonly patch: unknown;
}

/** The version that the description shows; later ones are given next to it as changes. */
export const DESCRIBED_VERSION = "2022-11-28";

const loaded = new Map<string, GitHubDescription>();

/** The description for a given version of the API. Read once per test file and version. */
export function loadGitHubDescription(version: string = DESCRIBED_VERSION): GitHubDescription {
  const known = loaded.get(version);
  if (known !== undefined) return known;
  const description = readGitHubDescription(version);
  loaded.set(version, description);
  return description;
}

function readDocument(version: string): Document {
  const file = new URL("github-description.json", import.meta.url);
  const document = JSON.parse(readFileSync(file, "utf8")) as Document;
  if (version !== DESCRIBED_VERSION) change(document, version);
  return document;
}

/**
 * Every change in a version up to `version` that affects one of the requests, by name: the operations, and what they
 * refer to.
 */
export function changesFor(
  requests: readonly { readonly method: string; readonly template: string }[],
): readonly { readonly request: string; readonly changeset: string; readonly version: string }[] {
  const document = readDocument(DESCRIBED_VERSION);
  return requests.flatMap(({ method, template }) => {
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (operation === undefined) throw new Error(`${method} ${template} is no request GitHub knows`);
    const found = new Map<string, BreakingChange>();
    const seen = new Set<unknown>();
    const look = (node: unknown): void => {
      if (typeof node !== "object" || node === null || seen.has(node)) return;
      seen.add(node);
      for (const [key, value] of Object.entries(node)) {
        if (key === CHANGES) for (const change of value as BreakingChange[]) found.set(change.changeset, change);
        else if (key === "$ref") look(at(document, String(value)));
        else look(value);
      }
    };
    look(operation);
    return [...found.values()].map(({ changeset, version }) => ({
      request: `${method} ${template}`,
      changeset,
      version,
    }));
  });
}

/** The paths of all described requests, with their placeholders. */
export function describedPaths(): readonly string[] {
  return Object.keys(readDocument(DESCRIBED_VERSION).paths);
}

/** Every version of the API that the description knows, oldest first. */
export function describedVersions(): readonly string[] {
  return [DESCRIBED_VERSION, ...readDocument(DESCRIBED_VERSION).versions];
}

const CHANGES = "x-github-breaking-changes";

function at(document: unknown, reference: string): unknown {
  let found = document;
  for (const key of reference.replace(/^#\//, "").split("/")) found = (found as Record<string, unknown>)[key];
  return found;
}

/** Makes the changes of all versions up to one, in place. */
function change(node: unknown, version: string): void {
  if (typeof node !== "object" || node === null) return;
  const changes = (node as Record<string, unknown>)[CHANGES] as readonly BreakingChange[] | undefined;
  for (const { version: since, patch } of changes ?? []) {
    if (since > version) continue;
    const whole = patched(node, patch) as object;
    for (const key of Object.keys(node)) if (!(key in whole)) Reflect.deleteProperty(node, key);
    Object.assign(node, whole);
  }
  for (const [key, value] of Object.entries(node)) if (key !== CHANGES) change(value, version);
}

function patched(node: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) return merged(node, patch);
  const copy = structuredClone(node);
  for (const { op, path, value } of patch as { op: string; path: string; value?: unknown }[]) {
    const keys = path
      .slice(1)
      .split("/")
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = keys.pop() ?? "";
    const place = keys.reduce<unknown>((found, key) => (found as Record<string, unknown>)?.[key], copy);
    if (typeof place !== "object" || place === null) throw new Error(`${path} is not there to be changed`);
    if (op === "remove" && Array.isArray(place)) place.splice(Number(last), 1);
    else if (op === "remove") Reflect.deleteProperty(place, last);
    else if (op === "replace" || op === "add") Reflect.set(place, last, value);
    else throw new Error(`${op} is no change known here`);
  }
  return copy;
}

function merged(node: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const whole: Record<string, unknown> = { ...(node as object) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(whole, key);
    else whole[key] = merged(whole[key] ?? {}, value);
  }
  return whole;
}

function readGitHubDescription(version: string): GitHubDescription {
  const document = readDocument(version);
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: false });
  const validators = new Map<Schema, ValidateFunction>();
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "([^/]+)")}$`),
  }));

  function resolve<T>(reference: string): T {
    return at(document, reference) as T;
  }

  function schemaOf(schema: Schema): Schema {
    return schema.$ref === undefined ? schema : schemaOf(resolve<Schema>(schema.$ref));
  }

  /** OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, and references are followed. */
  const converted = new Map<Schema, string>();
  const definitions: Record<string, unknown> = {};
  function convert(schema: Schema): unknown {
    if (schema.$ref !== undefined) {
      const target = resolve<Schema>(schema.$ref);
      let name = converted.get(target);
      if (name === undefined) {
        name = `d${converted.size}`;
        converted.set(target, name);
        definitions[name] = convert(target);
      }
      return { $ref: `#/definitions/${name}` };
    }
    const { nullable, properties, items, additionalProperties, oneOf, anyOf, allOf, required, type, ...rest } = schema;
    const plain: Record<string, unknown> = {};
    for (const key of ["enum", "maxLength", "minLength", "maxItems", "minItems", "maximum", "minimum", "pattern"]) {
      if (key in rest) plain[key] = (rest as Record<string, unknown>)[key];
    }
    if (type !== undefined) plain["type"] = type;
    if (required !== undefined && required.length > 0) plain["required"] = required;
    if (properties !== undefined) {
      plain["properties"] = Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, convert(property)]),
      );
    }
    if (items !== undefined) plain["items"] = convert(items);
    if (typeof additionalProperties === "object") plain["additionalProperties"] = convert(additionalProperties);
    // "One of" is not enforced as exactly one: GitHub's alternatives overlap.
    const some = oneOf ?? anyOf;
    if (some !== undefined) plain["anyOf"] = some.map(convert);
    if (allOf !== undefined) plain["allOf"] = allOf.map(convert);
    return nullable ? { anyOf: [plain, { type: "null" }] } : plain;
  }

  function validatorOf(schema: Schema): ValidateFunction {
    const known = validators.get(schema);
    if (known !== undefined) return known;
    const root = convert(schema);
    const validator = ajv.compile({ allOf: [root], definitions: { ...definitions } });
    validators.set(schema, validator);
    return validator;
  }

  function problemsOf(schema: Schema, value: unknown): readonly string[] {
    const validator = validatorOf(schema);
    if (validator(value)) return [];
    return (validator.errors ?? []).map((error) => `${error.instancePath || "(whole)"} ${error.message ?? ""}`);
  }

  /** The properties a schema knows, across all its alternatives; `null`: any. */
  function knownProperties(given: Schema): ReadonlyMap<string, Schema> | null {
    const schema = schemaOf(given);
    const parts = [...(schema.oneOf ?? []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])];
    const known = new Map(Object.entries(schema.properties ?? {}));
    if (parts.length === 0 && known.size === 0) return null;
    for (const part of parts) {
      for (const [name, property] of knownProperties(part) ?? []) {
        const other = known.get(name);
        known.set(name, other === undefined ? property : { anyOf: [other, property] });
      }
    }
    return known;
  }

  function unknownFields(schema: Schema, value: unknown, place: string): readonly string[] {
    if (Array.isArray(value)) {
      const items = schemaOf(schema).items;
      return items === undefined ? [] : value.flatMap((entry) => unknownFields(items, entry, `${place}[]`));
    }
    if (typeof value !== "object" || value === null) return [];
    const known = knownProperties(schema);
    if (known === null) return [];
    const takesOthers = typeof schemaOf(schema).additionalProperties === "object";
    return Object.entries(value).flatMap(([name, entry]) => {
      const property = known.get(name);
      if (property === undefined && takesOthers) return [];
      if (property === undefined) return [`${place}.${name} is no field GitHub knows`];
      return unknownFields(property, entry, `${place}.${name}`);
    });
  }

  /** Completes a value with made-up values for the required fields it lacks. */
  function complete(given: Schema, partial: unknown, depth = 0): unknown {
    const schema = schemaOf(given);
    if (partial === undefined && schema.nullable) return null;
    if (partial === null) return null;
    const some = schema.oneOf ?? schema.anyOf;
    if (some !== undefined) {
      for (const alternative of some) {
        const candidate = complete(alternative, partial, depth);
        if (unknownFields(alternative, candidate, "").length === 0 && problemsOf(alternative, candidate).length === 0) {
          return candidate;
        }
      }
      return partial;
    }
    if (schema.allOf !== undefined) {
      return schema.allOf.reduce<unknown>((value, part) => complete(part, value, depth), partial);
    }
    if (schema.type === "array" || schema.items !== undefined) {
      if (!Array.isArray(partial)) return partial ?? [];
      return partial.map((entry) => complete(schema.items ?? {}, entry, depth));
    }
    if (schema.properties !== undefined || schema.type === "object") {
      if (partial !== undefined && (typeof partial !== "object" || Array.isArray(partial))) return partial;
      if (depth > 12) return partial ?? {};
      const value: Record<string, unknown> = { ...(partial as object | undefined) };
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        if (name in value || schema.required?.includes(name)) value[name] = complete(property, value[name], depth + 1);
      }
      return value;
    }
    if (partial !== undefined) return partial;
    if (schema.enum !== undefined) return schema.enum[0];
    switch (schema.type) {
      case "integer":
      case "number":
        return 0;
      case "boolean":
        return false;
      default:
        if (schema.format === "date-time") return "2026-01-05T09:00:00Z";
        return schema.format === "uri" ? "https://api.github.com/made-up" : "made up";
    }
  }

  function operationOf(method: string, path: string): Operation | null {
    const decoded = path.split("?")[0] ?? path;
    const fitting = templates.filter(
      ({ template, pattern }) =>
        (pattern.test(decoded) || isPathIn(template, decoded)) && method.toLowerCase() in document.paths[template]!,
    );
    // `/issues/comments/{comment_id}` before `/issues/{issue_number}/…`: fewest placeholders first.
    fitting.sort((a, b) => a.template.split("{").length - b.template.split("{").length);
    const [best] = fitting;
    return best === undefined ? null : document.paths[best.template]![method.toLowerCase()]!;
  }

  return {
    problemsOfRequest(method, path, query, body) {
      const operation = operationOf(method, path);
      if (operation === null) return [`${method} ${path} is no request GitHub knows`];
      const parameters = (operation.parameters ?? []).map((parameter) =>
        "$ref" in parameter ? resolve<Parameter>(parameter.$ref) : parameter,
      );
      const problems: string[] = [];
      const inQuery = parameters.filter((parameter) => parameter.in === "query");
      for (const name of query.keys()) {
        if (!inQuery.some((parameter) => parameter.name === name)) problems.push(`?${name} is no parameter of it`);
      }
      for (const parameter of inQuery) {
        const text = query.get(parameter.name);
        if (text === null) {
          if (parameter.required) problems.push(`?${parameter.name} is required`);
          continue;
        }
        const { type } = schemaOf(parameter.schema);
        const value = type === "integer" ? Number(text) : type === "boolean" ? (BOOLEANS.get(text) ?? text) : text;
        problems.push(...problemsOf(parameter.schema, value).map((it) => `?${parameter.name} ${it}`));
      }
      const schema = operation.requestBody?.content["application/json"]?.schema;
      if (schema === undefined) {
        if (body !== undefined) problems.push("it takes no body");
      } else if (body !== undefined) {
        problems.push(...problemsOf(schema, body), ...unknownFields(schema, body, "body"));
      } else if (operation.requestBody?.required) {
        problems.push("it needs a body");
      }
      return problems;
    },

    answer(method, path, status, partial) {
      const operation = operationOf(method, path);
      const described = operation?.responses[String(status)];
      if (described === undefined) throw new Error(`${method} ${path} never answers ${status}`);
      const response = described.$ref === undefined ? described : resolve<typeof described>(described.$ref);
      const schema = response.content?.["application/json"]?.schema;
      if (schema === undefined) return undefined;
      const unknown = unknownFields(schema, partial, "answer");
      if (unknown.length > 0) throw new Error(`${method} ${path}: ${unknown.join("; ")}`);
      const whole = complete(schema, partial);
      const problems = problemsOf(schema, whole);
      if (problems.length > 0) throw new Error(`${method} ${path}: ${problems.join("; ")}`);
      return whole;
    },
  };
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false],
]);

/** The path of a file is one parameter with slashes in it, and so is a reference such as `heads/main`. */
function isPathIn(template: string, path: string): boolean {
  const [, last = ""] =
    /^\/repos\/\{owner\}\/\{repo\}(\/contents|\/git\/refs?)\/\{(?:path|ref)\}$/.exec(template) ?? [];
  return last !== "" && new RegExp(`^/repos/[^/]+/[^/]+${last}/.+$`).test(path);
}
