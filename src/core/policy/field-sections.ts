import { CORE_SCHEMA, dump } from "js-yaml";

/** The part of JSON Schema (draft-07) that our files use. */
export interface FieldSchema {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly anyOf?: readonly FieldSchema[];
  readonly additionalProperties?: boolean | FieldSchema;
}

/** A field that has a value of its own, by its path as people write it: `severities.NAME.label`. */
export interface Leaf {
  readonly path: string;
  /** The heading of `fieldSections` below which it is explained, as GitHub makes an address of it. */
  readonly anchor: string;
  readonly field: FieldSchema;
}

/** Every field that contains no others, depth first, in the order of the schema. */
export function leaves(schema: FieldSchema, path = ""): readonly Leaf[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]): readonly Leaf[] => {
    const fieldPath = path === "" ? name : `${path}.${name}`;
    const members = membersOf(field);
    if (members !== null) return leaves(members, members === field ? fieldPath : `${fieldPath}.NAME`);
    const heading = path === "" ? fieldPath : path.replace(/\.NAME$/, "");
    return [{ path: fieldPath, anchor: heading.replaceAll(".", ""), field }];
  });
}

/**
 * A section for each field that contains others, with its simple fields as a list; depth first, in the order of the
 * schema.
 *
 * @param instead by its path: what stands for the list of a section's simple fields
 */
export function fieldSections(
  schema: FieldSchema,
  path = "",
  instead: Readonly<Record<string, string>> = {},
): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = path === "" ? name : `${path}.${name}`;
    const heading = `${path === "" ? "###" : "####"} \`${fieldPath}\``;
    const members = membersOf(field);
    if (members === null) return path === "" ? [`${heading}\n\n${fieldText(field)}`] : [];
    const simple = Object.entries(members.properties ?? {}).filter(([, member]) => membersOf(member) === null);
    const list =
      instead[fieldPath] ??
      simple.map(([member, memberSchema]) => `- **\`${member}\`**: ${fieldText(memberSchema)}`).join("\n");
    const about = [heading, linked(field.description ?? ""), list].filter((part) => part !== "").join("\n\n");
    return [about, ...fieldSections(members, members === field ? fieldPath : `${fieldPath}.NAME`, instead)];
  });
}

/** The schema whose properties a field's value has: its own, or that of each entry of a map; `null`: a plain value. */
function membersOf(field: FieldSchema): FieldSchema | null {
  if (field.properties !== undefined) return field;
  // If a field can be written in a long and a short form, the long one comes first and is explained.
  if (field.anyOf?.[0]?.properties !== undefined) return field.anyOf[0];
  return typeof field.additionalProperties === "object" ? membersOf(field.additionalProperties) : null;
}

/** An editor shows `docs/drills.md` as it is; a page beside that one links it. */
export function linked(description: string): string {
  return description.replaceAll(/\bdocs\/([a-z-]+\.md)/g, "[$1]($1)");
}

function fieldText(field: FieldSchema): string {
  const facts = [
    `*Allowed:* ${allowed(field)}.`,
    ...(field.default === undefined ? [] : [`*Default:* ${inYaml(field.default)}.`]),
    ...(field.examples === undefined ? [] : [`*For example:* ${field.examples.map(inYaml).join(", ")}.`]),
  ];
  return `${linked(field.description ?? "")} ${facts.join(" ")}`;
}

/** What a field takes, in a few words of Markdown. */
export function allowed(field: FieldSchema): string {
  if (field.const !== undefined) return inYaml(field.const);
  if (field.enum !== undefined) return field.enum.map(inYaml).join(", ");
  if (field.type === "integer") return `whole number from ${field.minimum} to ${field.maximum}`;
  return field.title ?? field.type ?? "";
}

/** A value as YAML on one line, as code. */
export function inYaml(value: unknown): string {
  return `\`${dump(value, { schema: CORE_SCHEMA, flowLevel: 0, lineWidth: -1, quoteStyle: "double" }).trim()}\``;
}
