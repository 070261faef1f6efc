import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { actionItemLabel, allLabels, postMortemLabel, severityLabels } from "../../../src/core/plan/labels.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { extendsOwner, formatProblem, parsePolicy } from "../../../src/core/policy/parse.ts";
import { policyJsonSchema } from "../../../src/core/policy/reference.ts";

const DOCUMENT = readFileSync(new URL("../../../docs/policy.md", import.meta.url), "utf8");
const HEADINGS = [...DOCUMENT.matchAll(/^#{1,4} (.*)$/gm)].map(([, heading]) => heading!);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** Every key a policy can have, as people write it, from the schema that editors use. */
function keys(schema: Schema, path: readonly string[] = []): readonly string[] {
  const rest = schema.additionalProperties;
  const nested = typeof rest === "object" ? keys(rest, [...path, "NAME"]) : [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => keys(field, [...path, name]));
  const all = [...own, ...nested];
  // A map whose values are no maps is one key.
  return all.length > 0 && !all.every((one) => one === [...path, "NAME"].join(".")) ? all : [path.join(".")];
}

/** How GitHub makes an address of a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replace(/\s/g, "-");
}

function section(from: string, to: string): string {
  return DOCUMENT.slice(DOCUMENT.indexOf(`\n## ${from}\n`), DOCUMENT.indexOf(`\n## ${to}\n`));
}

describe("docs/policy.md", () => {
  const rows = [...section("All keys", "Recipes").matchAll(/^\| \[`([^`]+)`\]\(#([^)]+)\) \| (.+?) \| (.+) \|$/gm)];

  it("begins with a table of all keys: each once, with its default and one line", () => {
    expect(DOCUMENT.indexOf("## All keys")).toBe(DOCUMENT.indexOf("\n## ") + 1);
    const all = keys(JSON.parse(policyJsonSchema()));
    const shown = rows.map(([, key]) => key!);
    const permission = /^commands\.permission\.(?!default$|lower-severity$)/;
    expect(shown.toSorted()).toEqual(
      [...all.filter((key) => !permission.test(key)), "commands.permission.COMMAND"].toSorted(),
    );
    expect(all.length).toBeGreaterThan(55);
    for (const [, , , usual, line] of rows) {
      expect(usual).not.toBe("");
      expect(line).toMatch(/^.{10,130}\.$/);
    }
  });

  it("has a table of the commands' roles with every command that has one", () => {
    const table = DOCUMENT.slice(DOCUMENT.indexOf("#### `commands.permission`"), DOCUMENT.indexOf("### `alerts`"));
    const named = [...table.matchAll(/^\|.*\|$/gm)].join("\n");
    for (const key of keys(JSON.parse(policyJsonSchema()))) {
      const [, command] = /^commands\.permission\.(?!default$)(.+)$/.exec(key) ?? [];
      if (command !== undefined) expect(named).toContain(`\`${command}\``);
    }
  });

  it("links to headings that are there", () => {
    const anchors = new Set(HEADINGS.map(anchor));
    const links = [...DOCUMENT.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(rows.length);
    expect(links.filter((link) => !anchors.has(link))).toEqual([]);
  });

  it("has no heading for each field, which made 74 of them", () => {
    expect(HEADINGS.length).toBeLessThan(50);
  });
});

describe("the recipes of docs/policy.md", () => {
  const parts = section("Recipes", "Where it is read from").split("\n### ").slice(1);
  const recipes = parts.map((part) => ({
    title: part.slice(0, part.indexOf("\n")),
    blocks: [...part.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!),
    text: part,
  }));

  it("are for those who ask for one", () => {
    expect(recipes.map(({ title }) => title)).toEqual([
      "Open source, reports from outside",
      "Monorepo",
      "One policy for a company",
      "A small team without on call",
      "Only the gate",
      "Only the check",
      "Leaving",
    ]);
  });

  function policiesOf(title: string) {
    const { blocks } = recipes.find((one) => one.title === title)!;
    return blocks.map((text, at) => {
      const place = "acme/.github";
      const parsed = parsePolicy(text, extendsOwner(text) ? { kind: "text", place, text: blocks[at - 1]! } : undefined);
      const said = parsed.kind === "valid" ? [] : parsed.problems.map((problem) => formatProblem(title, problem));
      expect(said).toEqual([]);
      if (parsed.kind === "invalid") throw new Error(title);
      return parsed.policy;
    });
  }

  it.each(recipes.filter(({ title }) => title !== "Leaving").map(({ title }) => title))(
    "can be copied: %s",
    (title) => {
      expect(policiesOf(title).length).toBeGreaterThan(0);
    },
  );

  it("do what they say", () => {
    const [open] = policiesOf("Open source, reports from outside");
    expect(open!["pull-requests"].check).toBe("referencing");
    const [owners, differs] = policiesOf("One policy for a company");
    expect(differs!.severities.map(({ name }) => name)).toEqual(owners!.severities.map(({ name }) => name));
    expect(differs!["post-mortem"]).toEqual(owners!["post-mortem"]);
    expect(differs!.slack.channel).toBe("#checkout");
    const [gate] = policiesOf("Only the gate");
    expect(gate!["pull-requests"].check).toBe("off");
    for (const severity of gate!.severities) {
      expect([severity["acknowledge-within"], severity["update-every"], severity["post-mortem-within"]]).toEqual([
        null,
        null,
        null,
      ]);
    }
    const [check] = policiesOf("Only the check");
    expect(check!.closing["max-reopens-per-day"]).toBe(0);
    expect(check!["pull-requests"].check).toBe("always");
  });

  it("name every label that stays behind", () => {
    const [, labels = ""] = /for label in (.*)\n/.exec(recipes.at(-1)!.text) ?? [];
    const policy = defaultPolicy();
    const named = [...severityLabels(policy), postMortemLabel(policy), actionItemLabel(policy)].map(({ name }) => name);
    const ours = allLabels(policy).filter(({ name }) => !named.includes(name));
    expect(labels.split(" ").toSorted()).toEqual(ours.map(({ name }) => name).toSorted());
  });
});
