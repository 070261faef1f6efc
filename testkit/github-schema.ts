import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  buildSchema,
  execute,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isNonNullType,
  NoDeprecatedCustomRule,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** The most that a connection gives (GitHub docs, "Rate limits and query limits for the GraphQL API", node limit). */
const MOST_NODES = 100;

let known: GraphQLSchema | null = null;

/** GitHub's own GraphQL schema, as far as the sources' documents reach (scripts/describe-github-graphql.ts). Read once. */
function schema(): GraphQLSchema {
  const file = new URL("./github-schema.graphql", import.meta.url);
  known ??= buildSchema(readFileSync(file, "utf8"), { assumeValid: true });
  return known;
}

/**
 * What is wrong with a document according to the schema; empty when nothing is. Anything GitHub calls deprecated is
 * wrong: it goes away on a certain date. So is a connection that does not say how many it wants, which GitHub refuses
 * although the schema does not say so.
 */
export function problemsOfDocument(document: string): readonly string[] {
  const parsed = parse(document);
  const problems = validate(schema(), parsed, [...specifiedRules, NoDeprecatedCustomRule]).map(
    ({ message }) => message,
  );
  const types = new TypeInfo(schema());
  visit(
    parsed,
    visitWithTypeInfo(types, {
      Field(field) {
        if (!String(getNamedType(types.getType())).endsWith("Connection")) return;
        const size = field.arguments?.find(({ name }) => name.value === "first" || name.value === "last")?.value;
        const count = size?.kind === "IntValue" ? Number(size.value) : Number.NaN;
        if (!(count >= 1 && count <= MOST_NODES)) problems.push(`${field.name.value} does not say how many, up to 100`);
      },
    }),
  );
  return problems;
}

/**
 * What is wrong with an answer according to the schema: a field that was not requested or is missing, a null where
 * there never is one, a value not of its type or enumeration; and variables that GitHub would not accept.
 *
 * @param data what is under `data`
 */
export function problemsOfAnswer(
  document: string,
  variables: Readonly<Record<string, unknown>>,
  data: unknown,
): readonly string[] {
  const result = execute({
    schema: schema(),
    document: parse(document),
    rootValue: data,
    variableValues: { ...variables },
  });
  if ("then" in result) throw new Error("nothing here waits");
  const problems = (result.errors ?? []).map(({ message, path }) => `${(path ?? []).join(".")} ${message}`.trim());
  // Its own objects have no prototype.
  const executed: unknown = JSON.parse(JSON.stringify(result.data ?? null));
  if (problems.length === 0 && !isDeepStrictEqual(executed, JSON.parse(JSON.stringify(data)))) {
    problems.push(`other fields than asked for: ${JSON.stringify(data)} in place of ${JSON.stringify(executed)}`);
  }
  return problems;
}

/** Where the schema allows an answer to the document to be null: the requested fields, by path; `0` is a list entry. */
export function nullablePaths(document: string): readonly (readonly string[])[] {
  const types = new TypeInfo(schema());
  const paths: (readonly string[])[] = [];
  const path: string[] = [];
  visit(
    parse(document),
    visitWithTypeInfo(types, {
      Field: {
        enter(field) {
          path.push(field.name.value);
          const type = types.getType();
          if (!isNonNullType(type)) paths.push([...path]);
          const list = getNullableType(type);
          if (isListType(list) && !isNonNullType(list.ofType)) paths.push([...path, "0"]);
        },
        leave() {
          path.pop();
        },
      },
    }),
  );
  return paths;
}
