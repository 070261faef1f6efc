import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "@jest/globals";
import { BELIEFS, UNTRIED } from "../../src/rehearse/beliefs.ts";
import { ALL_PROBES, MANUAL_TESTS } from "../../src/rehearse/probes/all-probes.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
const sources = globSync("src/rehearse/**/*.ts", { cwd: ROOT }).map((path) => ({ path, text: read(path) }));

describe("what a rehearsal judges", () => {
  it("is called as docs/assumptions.md calls it", () => {
    const page = read("docs/assumptions.md");
    const wrong = Object.entries(BELIEFS).filter(([number, belief]) => !page.includes(`| ${number} | ${belief} |`));
    expect(wrong).toEqual([]);
    expect(page).toContain(`judges ${Object.keys(BELIEFS).length} of these rows`);
  });

  it("is every row of docs/assumptions.md: those that nothing is said of are named by number", () => {
    const rows = [...read("docs/assumptions.md").matchAll(/^\| (A-\d{3}) \|/gm)].map(([, number = ""]) => number);
    expect([...Object.keys(BELIEFS), ...UNTRIED].toSorted()).toEqual(rows.toSorted());
  });

  it("is what its probes say that they judge, and nothing else has words", () => {
    const declared = [...new Set(ALL_PROBES.flatMap(({ assumptions }) => assumptions))].toSorted();
    expect(declared).toEqual(Object.keys(BELIEFS).toSorted());
    for (const { path, text } of sources.filter(
      (one) => one.path.includes("/probes/") && !one.path.endsWith("all-probes.ts"),
    )) {
      const [, list = ""] = /\bassumptions: \[([^\]]*)\]/.exec(text) ?? [];
      const judged = [...text.matchAll(/"(A-\d{3})"/g)].map(([, number = ""]) => number);
      expect({ path, unsaid: judged.filter((number) => !list.includes(number)) }).toEqual({ path, unsaid: [] });
    }
  });

  it("has every one-minute test: each is tried, or said why a person has to", () => {
    const tried = ALL_PROBES.map(({ id }) => id).filter((id) => id.startsWith("T-"));
    const all = [...new Set([...tried, ...MANUAL_TESTS.map(({ id }) => id)])];
    expect(all.toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2)))).toEqual(
      [...read("docs/assumptions.md").matchAll(/^\| (T-\d+) \|/gm)].map(([, id]) => id),
    );
  });

  it("has each file of src/rehearse/probes/ in the list", () => {
    const files = sources.filter(({ path }) => path.includes("/probes/")).length - 1;
    expect(ALL_PROBES).toHaveLength(files);
    expect(new Set(ALL_PROBES.map(({ id }) => id)).size).toBe(files);
  });

  it("asks only for what GitHub's description has", () => {
    const types = read("node_modules/@octokit/openapi-types/types.d.ts");
    const routes = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/"(GET|POST|PUT|PATCH|DELETE) (\/[^"]*)"/g)].map(([, method = "", route = ""]) => ({
        path,
        method,
        route,
      })),
    );
    expect(routes.length).toBeGreaterThan(60);
    const unknown = routes.filter(({ method, route }) => {
      if (route === "/graphql") return false;
      const at = types.indexOf(`  "${route}": {`);
      const block = types.slice(at, types.indexOf("\n  };", at));
      return at === -1 || !new RegExp(`\\n {4}${method.toLowerCase()}: `).test(block);
    });
    expect(unknown).toEqual([]);
  });
});
