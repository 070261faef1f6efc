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
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly anyOf?: readonly FieldSchema[];
  readonly additionalProperties?: boolean | FieldSchema;
}

/**
 * A section for each field that contains others, with its simple fields as a list; depth first, in the order of the
 * schema.
 */
export function fieldSections(schema: FieldSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const fieldPath = path === "" ? name : `${path}.${name}`;
    const members = membersOf(field);
    if (members === null) return path === "" ? [`### \`${fieldPath}\`\n\n${fieldText(field)}`] : [];
    const memberPath = members === field ? fieldPath : `${fieldPath}.<name>`;
    const simple = Object.entries(members.properties ?? {}).filter(([, member]) => membersOf(member) === null);
    const list = haveTheSameChoices(simple)
      ? [fieldTable(simple)]
      : simple.map(([member, memberSchema]) => `#### \`${memberPath}.${member}\`\n\n${fieldText(memberSchema)}`);
    return [`### \`${fieldPath}\`\n\n${field.description ?? ""}`, ...list, ...fieldSections(members, memberPath)];
  });
}

/** The schema whose properties a field's value has: its own, or that of each entry of a map; `null`: a plain value. */
function membersOf(field: FieldSchema): FieldSchema | null {
  if (field.properties !== undefined) return field;
  // If a field can be written in a long and a short form, the long one comes first and is explained.
  if (field.anyOf?.[0]?.properties !== undefined) return field.anyOf[0];
  return typeof field.additionalProperties === "object" ? membersOf(field.additionalProperties) : null;
}

function fieldText(field: FieldSchema): string {
  const facts = [
    `- Allowed: ${allowed(field)}`,
    ...(field.default === undefined ? [] : [`- Default: ${inYaml(field.default)}`]),
    ...(field.examples === undefined ? [] : [`- For example: ${field.examples.map(inYaml).join(", ")}`]),
  ];
  return `${field.description ?? ""}\n\n${facts.join("\n")}`;
}

/** Many fields that accept the same words are easier to read as a table. */
function haveTheSameChoices(fields: readonly (readonly [string, FieldSchema])[]): boolean {
  const [first] = fields;
  return fields.length > 3 && first !== undefined && fields.every(([, field]) => allowed(field) === allowed(first[1]));
}

function fieldTable(fields: readonly (readonly [string, FieldSchema])[]): string {
  const rows = fields.map(([name, field]) => {
    const byDefault = field.default === undefined ? "as `default`" : inYaml(field.default);
    return `| \`${name}\` | ${byDefault} | ${field.description ?? ""} |`;
  });
  return [
    `Each takes ${allowed(fields[0]![1])}.`,
    "",
    "| key | default | meaning |",
    "| --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function allowed(field: FieldSchema): string {
  if (field.const !== undefined) return inYaml(field.const);
  if (field.enum !== undefined) return field.enum.map(inYaml).join(", ");
  if (field.type === "integer") return `whole number from ${field.minimum} to ${field.maximum}`;
  return field.title ?? field.type ?? "";
}

function inYaml(value: unknown): string {
  return `\`${dump(value, { schema: CORE_SCHEMA, flowLevel: 0, lineWidth: -1, quoteStyle: "double" }).trim()}\``;
}
