import * as z from "zod";
import { COMMAND_GROUPS, COMMANDS, type CommandGroup, commandsOf } from "../commands/registry.ts";
import { DEFAULT_POLICY_TEXT } from "./default-policy.ts";
import { type FieldSchema, fieldSections, inYaml, leaves, linked } from "./field-sections.ts";
import { LONGEST_GLOB_CHARACTERS, MOST_GLOB_STARS } from "./glob.ts";
import { DEEPEST_POLICY_LEVELS, LARGEST_POLICY_BYTES } from "./parse.ts";
import { GRANTABLE_PERMISSIONS } from "./policy.ts";
import { RECIPES } from "./recipes.ts";
import { DEEPEST_CONDITION_GROUPS } from "./rules.ts";
import { PolicyDocument } from "./schema.ts";

function jsonSchema() {
  // "input": what a user writes. Durations come out as numbers, which a schema could not express.
  return z.toJSONSchema(PolicyDocument, { io: "input", target: "draft-7" });
}

/** schema/sevgate.schema.json: JSON Schema draft-07 for the policy file, for editors. */
export function policyJsonSchema(): string {
  return `${JSON.stringify(withoutWhatTheOwnerMayGive(jsonSchema() as FieldSchema), null, 2)}\n`;
}

/** A file that extends may leave out what a whole policy may not: the severity of an endpoint. */
function withoutWhatTheOwnerMayGive(schema: FieldSchema): object {
  const alerts = schema.properties!["alerts"]!;
  const endpoints = alerts.properties!["endpoints"]!;
  const { required, ...endpoint } = endpoints.additionalProperties as FieldSchema;
  const map = (properties: object) => ({ type: "object", properties });
  const needed = { ...map({ severity: true }), required };
  return {
    ...schema,
    properties: {
      ...schema.properties,
      alerts: {
        ...alerts,
        properties: { ...alerts.properties, endpoints: { ...endpoints, additionalProperties: endpoint } },
      },
    },
    if: { ...map({ extends: true }), required: ["extends"] },
    else: map({ alerts: map({ endpoints: { type: "object", additionalProperties: needed } }) }),
  };
}

/** docs/policy.md: a table of all keys, recipes, and every field of the policy, from the same schema that reads it. */
export function policyReference(): string {
  const root = jsonSchema() as FieldSchema;
  return `${[
    INTRODUCTION,
    keyTable(root),
    RECIPES,
    WHERE,
    BUILT_IN,
    VALUES,
    "## Fields",
    ...fieldSections(root, "", { "commands.permission": permissionTable() }),
    LIMITS,
    TROUBLE,
  ].join("\n\n")}\n`;
}

/** Keys that only differ in the command they are about are one row. */
const PERMISSION = /^commands\.permission\.(?!default$|lower-severity$)/;

function keyTable(root: FieldSchema): string {
  const rows = leaves(root).flatMap(({ path, anchor, field }) => {
    if (PERMISSION.test(path)) return [];
    const usual = DEFAULTS_IN_WORDS[path] ?? (field.default === undefined ? "none" : inYaml(field.default));
    const row = `| [\`${path}\`](#${anchor}) | ${usual} | ${inOneLine(field)} |`;
    const commands =
      "| [`commands.permission.COMMAND`](#commandspermission) | as `default` | Who may use that command. |";
    return path === "commands.permission.default" ? [row, commands] : [row];
  });
  return ["## All keys", "", "| Key | Default | In one line |", "| --- | --- | --- |", ...rows].join("\n");
}

/** Where the schema has no default, and something counts all the same. */
const DEFAULTS_IN_WORDS: Readonly<Record<string, string>> = {
  "severities.NAME.label": "`sev:NAME`",
  "commands.permission.lower-severity": "as for `waive`",
  "alerts.endpoints.NAME.severity": "required",
};

/** Shorter, and what comes before a colon is a label rather than a sentence. */
const LEAST_SENTENCE_CHARACTERS = 30;

/** What a description begins with, up to the first thing that explains it. */
function inOneLine({ description = "" }: FieldSchema): string {
  const ends = Array.from(description.matchAll(/[.;:](?= |$)/g), ({ index }) => index);
  const end = ends.find((index) => index >= LEAST_SENTENCE_CHARACTERS || description[index] === ".");
  return `${linked(description.slice(0, end))}.`;
}

/** Who may use which command, by group: what the schema says of each would be the same sentence twenty times. */
function permissionTable(): string {
  const groups = Object.entries(COMMAND_GROUPS) as [CommandGroup, string][];
  const rows = groups.flatMap(([group, title]) =>
    GRANTABLE_PERMISSIONS.flatMap((who) => {
      const names = commandsOf(group).filter((name) => COMMANDS[name].who === who);
      return names.length === 0 ? [] : [`| ${title} | ${names.map((name) => `\`${name}\``).join(", ")} | \`${who}\` |`];
    }),
  );
  return [
    "| Group | Commands | Role by default |",
    "| --- | --- | --- |",
    ...rows,
    "| | `lower-severity`: changing to a severity that needs less to close, by `/severity` or by its label | as for `waive` |",
    "",
    "Each may have a line of its own, such as `ack: write`; it takes `triage`, `write`, `maintain` or `admin`, and `revert` never",
    "less than `write`. `default` is for all that have none. `/help` is for anyone.",
  ].join("\n");
}

const INTRODUCTION = `# The policy: \`.github/sevgate.yml\`

<!-- Generated by "npm run generate" from src/core/policy/. -->

The policy says which labels make an issue an incident, what it needs before it may close, and who may use which command.
Every key is optional. Write only what differs from the default, except under \`severities\`: it replaces all built-in ones, so
keep every severity and every deadline that you want. [\`sevgate validate\`](cli.md#in-your-shell) checks the file before you
push it, says what it means and changes, and with \`--base\` what is new in it:

\`\`\`sh
git show origin/main:.github/sevgate.yml | sevgate validate --base - .github/sevgate.yml
\`\`\`

[\`sevgate simulate\`](simulate.md) says what it would have meant for the incidents you have had, and so does the check on the pull request.`;

const BUILT_IN = `## The built-in policy

\`\`\`yaml
${DEFAULT_POLICY_TEXT.trimEnd()}
\`\`\`

\`templates/github/sevgate.yml\` is a file to start from. For completion in an editor that uses yaml-language-server, put
\`schema/sevgate.schema.json\` beside the policy and begin the policy with
\`# yaml-language-server: $schema=sevgate.schema.json\`.`;

const WHERE = `## Where it is read from

The first of these that exists:

1. \`.github/sevgate.yml\` in the default branch of the incident's own repository.
2. \`.github/sevgate.yml\` in the default branch of the repository named \`.github\` of the same owner. What it says counts as
   published to all repositories of the owner, also when its repository is private.
3. The built-in policy below.

It is the whole policy, unless it says \`extends: owner\`: then it is laid over the second one.

- **Maps** are merged key by key: severities and endpoints by name, roles by command. **Lists**, \`close-requires\` and
  \`commands.bots\` are replaced as a whole.
- **Severities** stay in the owner's order; new ones come after them, as less severe. None can be taken away: a repository that
  wants other severities writes a whole policy.
- **\`evidence-for\`** of the owner's does not count: whom a private repository lets in is its own affair.
- **Nothing of the owner's is enforced.** A repository may change anything; the check \`sevgate/policy\` says when that relaxes the
  gate.
- **One level.** The owner's policy extends nothing. Both together have at most ${LARGEST_POLICY_BYTES / 1024} KiB.
- **The owner's is missing, not readable or not valid**: so is the policy that extends it, and the last good one stays in force.
  A change of the owner's counts at once.

No other branch and no fork counts. A pull request is judged by the policy in force, not by the one it proposes; the
check \`sevgate/policy\` says in words what it would change.`;

const VALUES = `## Values

- **Duration**: a whole number and one unit, \`m\` (minutes), \`h\` (hours) or \`d\` (days of 24 hours), at most \`365d\`: \`15m\`,
  \`4h\`, \`2d\`. \`0s\` is none. Only \`closing.grace\` also takes \`s\` (seconds).
- **Keys** are written as here, with hyphens. An unknown key is an error, so that a slip never goes unnoticed.
- **Labels** are compared as GitHub does, without case.`;

const LIMITS = `## Limits

A file is refused, before anything in it is looked at, when it is larger than ${LARGEST_POLICY_BYTES / 1024} KiB, is not UTF-8, holds more than one
document, has the same key twice, uses aliases (\`*name\`) or tags (\`!name\`), or nests lists and maps deeper than ${DEEPEST_POLICY_LEVELS} levels.
Groups in \`close-requires\` lie at most ${DEEPEST_CONDITION_GROUPS} deep within each other. A glob has at most ${LONGEST_GLOB_CHARACTERS} characters and ${MOST_GLOB_STARS} stars, is
relative, and does not use \`..\`, braces, brackets or \`!\`.`;

const TROUBLE = `## When something is wrong with the file

- **Absent**: the next place [of the list](#where-it-is-read-from) is used.
- **Unreachable** (GitHub does not answer, or the app may not read it): nothing is decided until it can be read. The
  policy that was in force stays in force.
- **Invalid**: the last good policy stays in force; where none was ever read, the built-in default with the gate on.
  Every problem is shown as \`file:line:column  path  message\`, on the pull request that brings it in and by
  \`sevgate validate\`. It is said once.`;
