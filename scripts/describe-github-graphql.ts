import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isLeafType,
  isSpecifiedScalarType,
  Kind,
  parse,
  print,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";
import { documentsForGitHub } from "../testkit/requests-to-github.ts";
import { describeCommand } from "./describe-command.ts";

/** The package with GitHub's GraphQL schema; for a newer one, change the version here. */
const PACKAGE = { name: "@octokit/graphql-schema", version: "15.26.1" } as const;

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const WRITTEN = "testkit/github-schema.graphql";

/** What the file begins with: where it comes from, and the notice its licence asks for. */
function heading(licence: string): string {
  const lines = `The part of ${PACKAGE.name} ${PACKAGE.version} that Sevgate's documents reach, without its prose.
Made by scripts/describe-github-graphql.ts; not to be edited.

${licence.trim()}`;
  return lines.replaceAll(/^/gm, "# ").replaceAll(/ +$/gm, "");
}

/**
 * The types that the documents reach, whole but for fields that lead to other types: so a schema made smaller once stays as it
 * is. An interface or a union keeps all that can stand there.
 */
function reduced(whole: DocumentNode, documents: readonly DocumentNode[]): string {
  const schema = buildASTSchema(whole, { assumeValid: true });
  const kept = reachedTypes(schema, documents);
  const isKept = ({ type }: FieldDefinitionNode): boolean => {
    const named = schema.getType(nameOf(type));
    return isLeafType(named) || kept.has(nameOf(type));
  };
  for (const definition of whole.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    if (!kept.has(definition.name.value)) continue;
    for (const field of (definition.fields ?? []).filter(isKept)) {
      if (isLeafType(schema.getType(nameOf(field.type)))) kept.add(nameOf(field.type));
      for (const { type } of field.arguments ?? []) keepInput(schema, nameOf(type), kept);
    }
  }
  const parts = whole.definitions.flatMap((definition) => {
    if (!("name" in definition) || definition.name === undefined || !kept.has(definition.name.value)) return [];
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      const interfaces = (definition.interfaces ?? []).filter(({ name }) => kept.has(name.value));
      return [print(bare({ ...definition, interfaces, fields: (definition.fields ?? []).filter(isKept) }))];
    }
    return definition.kind === Kind.DIRECTIVE_DEFINITION ? [] : [print(bare(definition))];
  });
  return parts.join("\n\n");
}

/** What the documents ask for, by the name of its type, and the types they begin with. */
function reachedTypes(schema: GraphQLSchema, documents: readonly DocumentNode[]): Set<string> {
  const reached = new Set<string>();
  const types = new TypeInfo(schema);
  const reach = () => {
    const type = getNamedType(types.getType());
    if (!isCompositeType(type)) return;
    reached.add(type.name);
    if (isAbstractType(type)) for (const { name } of schema.getPossibleTypes(type)) reached.add(name);
  };
  for (const document of documents) {
    visit(
      document,
      visitWithTypeInfo(types, {
        OperationDefinition: reach,
        Field: reach,
        InlineFragment: reach,
        FragmentDefinition: reach,
      }),
    );
  }
  return reached;
}

/** Keeps what can be given as an argument, and all it consists of. */
function keepInput(schema: GraphQLSchema, name: string, kept: Set<string>): void {
  const type = schema.getType(name);
  if (kept.has(name) || type === undefined || isSpecifiedScalarType(type)) return;
  kept.add(name);
  if (!isInputObjectType(type)) return;
  for (const field of Object.values(type.getFields())) keepInput(schema, getNamedType(field.type).name, kept);
}

/** Without prose, and without directives but those that say what is deprecated. */
function bare<T extends DocumentNode["definitions"][number]>(definition: T): T {
  return visit(definition, {
    enter(node) {
      if (node.kind === Kind.DIRECTIVE && (node as ConstDirectiveNode).name.value !== "deprecated") return null;
      return "description" in node ? { ...node, description: undefined } : undefined;
    },
  }) as T;
}

function nameOf(type: FieldDefinitionNode["type"]): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type);
}

/** The documents of the sources; throws when the schema does not know what one asks for. */
function documentsKnownTo(whole: DocumentNode): readonly DocumentNode[] {
  const schema = buildASTSchema(whole, { assumeValid: true });
  return documentsForGitHub().map(({ file, text }) => {
    const document = parse(text);
    const problems = validate(schema, document);
    if (problems.length > 0) throw new Error(`${file}: ${problems.map(({ message }) => message).join(" ")}`);
    return document;
  });
}

/** The file from the package's folder. */
function describe(folder: string): string {
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const { name, version } = JSON.parse(read("package.json")) as { readonly name: string; readonly version: string };
  if (name !== PACKAGE.name || version !== PACKAGE.version) {
    throw new Error(
      `${folder} holds ${name}@${version}. For a newer one, first change the version in scripts/describe-github-graphql.ts.`,
    );
  }
  const whole = parse(read("schema.graphql"), { noLocation: true });
  return `${heading(read("LICENSE.md"))}\n\n${reduced(whole, documentsKnownTo(whole))}\n`;
}

/** What is stale about the file in the repository; empty when nothing is. */
function stale(): readonly string[] {
  const text = readFileSync(join(ROOT, WRITTEN), "utf8");
  const problems = text.startsWith(heading("").trimEnd()) ? [] : [`not made from ${PACKAGE.name} ${PACKAGE.version}`];
  const schema = parse(text, { noLocation: true });
  try {
    if (!text.endsWith(`\n\n${reduced(schema, documentsKnownTo(schema))}\n`))
      problems.push("more than is used, or edited");
  } catch (error) {
    problems.push(`not described: ${error instanceof Error ? error.message : String(error)}`);
  }
  return problems;
}

process.exitCode = describeCommand({
  package: PACKAGE,
  file: WRITTEN,
  script: "scripts/describe-github-graphql.ts",
  describe,
  stale,
});
