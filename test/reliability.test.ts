import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { systemClock } from "../src/base/clock.ts";
import { createMetrics } from "../src/views/metrics.ts";

const page = read("docs/reliability.md");

function read(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
}

describe("docs/reliability.md", () => {
  it("names only tests that exist, by their names", () => {
    const named = [...page.matchAll(/\[([^[\]]+)\]\(\.\.\/(test\/[\w./-]+)\)/g)].map(([, name = "", path = ""]) => ({
      name,
      path,
    }));
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter(({ name, path }) => !read(path).includes(name))).toEqual([]);
  });

  it("has a row for every fault, each with a test or a reason", () => {
    const rows = [...page.matchAll(/^\| (F-\d\d) \| [^|]+ \| ([^|]+) \| ([^|]*) \|$/gm)];
    const expected = Array.from({ length: 74 }, (_, index) => `F-${String(index + 1).padStart(2, "0")}`);
    expect(rows.map(([, id]) => id)).toEqual(expected);
    const bare = rows.filter(([, , tests = "", remark = ""]) => !tests.includes("](../test/") && remark.trim() === "");
    expect(bare.map(([, id]) => id)).toEqual([]);
  });
});

describe("docs/operations.md", () => {
  it("explains every metric of Sevgate's own", async () => {
    const metrics = createMetrics(systemClock);
    metrics.watchQueue({ depth: async () => ({ waiting: 0, running: 0, setAside: 0 }) });
    const own = metrics.registry
      .getMetricsAsArray()
      .map((metric) => metric.name)
      .filter((name) => name.startsWith("sevgate_"));
    const operations = read("docs/operations.md");
    expect(own.length).toBeGreaterThan(7);
    expect(own.filter((name) => !operations.includes(`\`${name}\``))).toEqual([]);
  });
});
