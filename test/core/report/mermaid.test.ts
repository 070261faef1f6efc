import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import type { Instant } from "../../../src/core/model.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { makeReport } from "../../../src/core/report/make-report.ts";
import { reportMarkdown } from "../../../src/core/report/report-markdown.ts";
import { DAY_MS } from "../../../src/core/time-units.ts";
import { buildArchive, buildPast, past, yearOfIncidents } from "../../support/build-archive.ts";
import { NINE } from "../../support/build-observation.ts";
import { NAUGHTY_STRINGS } from "../../support/naughty-strings.ts";

const FOLDER = process.env["MERMAID_FOLDER"] ?? "";
const PARSER = fileURLToPath(new URL("../../../testkit/parse-mermaid.ts", import.meta.url));

/** By version of Mermaid: what is wrong with each diagram; `null`: it parses. */
function parsed(diagrams: readonly string[]): Readonly<Record<string, readonly (string | null)[]>> {
  const child = spawnSync(process.execPath, [PARSER, FOLDER], { input: JSON.stringify(diagrams), encoding: "utf8" });
  if (child.status !== 0) throw new Error(child.stderr);
  return JSON.parse(child.stdout) as Record<string, (string | null)[]>;
}

/** The diagrams of the report of a year, with a factor for each text. */
function diagramsOf(count: number, days: number, texts: readonly string[]): readonly string[] {
  const archive = yearOfIncidents(count, 5);
  const source = {
    repository: "acme/ops",
    policy: defaultPolicy(),
    policySource: null,
    archive: count === 0 ? buildArchive(buildPast(1, {}, past.acknowledged(60_000))) : archive,
    sealsChecked: true,
    older: [],
    factors: { names: texts, ticked: new Map([[1, texts]]), unread: new Set<number>() },
    items: null,
  };
  const period = { since: NINE, until: (NINE + days * DAY_MS) as Instant };
  const text = reportMarkdown(makeReport([source], period, { open: false, notKnown: [] }));
  return [...text.matchAll(/^```mermaid\n([\s\S]*?)^```/gm)].map(([, diagram]) => diagram!);
}

describe("The diagrams of a report", () => {
  if (FOLDER === "") {
    process.stdout.write(
      "MERMAID_FOLDER names no folder with Mermaid 10, 11 and 12 (.ci/mermaid): no diagram was parsed.\n",
    );
    it.skip("are not parsed: MERMAID_FOLDER names no folder with Mermaid", () => {});
    return;
  }

  it("parse in Mermaid 10, 11 and 12, whatever people wrote, and however much or little there is", () => {
    const naughty = Object.values(NAUGHTY_STRINGS).flat();
    const signs = [
      "a: b",
      "a; b",
      "#1",
      "a # b",
      "```",
      "%%{init: {}}%%",
      '"quoted"',
      "[x], y",
      "{x}",
      "a\nb",
      "line [1]",
      "%% no",
    ];
    const diagrams = [
      ...diagramsOf(300, 365, signs),
      ...diagramsOf(300, 10, signs.slice(0, 3)),
      ...diagramsOf(0, 2, []),
      ...naughty.flatMap((text) => diagramsOf(12, 30, [text]).slice(-1)),
    ];
    expect(diagrams.length).toBeGreaterThan(naughty.length);
    const answers = parsed(diagrams);
    expect(Object.keys(answers)).toEqual(["10", "11", "12"]);
    for (const [version, found] of Object.entries(answers)) {
      const wrong = found.flatMap((problem, at) =>
        problem === null ? [] : [{ version, problem, diagram: diagrams[at] }],
      );
      expect(wrong).toEqual([]);
      expect(found.length).toBe(diagrams.length);
    }
  });

  it("would not be called right if they were not: what no version takes is found", () => {
    for (const found of Object.values(parsed(["xychart-beta\n  bar []", "timeline\n  10:02 : acked"]))) {
      expect(found.map((problem) => problem !== null)).toEqual([true, true]);
    }
  });
});
