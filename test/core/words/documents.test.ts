import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { DOCUMENTED_VERSION, documentLink, documentUrl } from "../../../src/core/words/documents.ts";

it("links the documents of the version that runs", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
  expect(DOCUMENTED_VERSION).toBe(version);
  expect(new URL(documentUrl("slack")).pathname).toBe(`/blob/v${version}/docs/slack.md`);
  expect(documentLink("policy", "policy", "the-file")).toBe(`[policy](${documentUrl("policy")}#the-file)`);
});

it("links only pages that exist", () => {
  const sources = globSync("src/**/*.ts").map((file) => readFileSync(file, "utf8"));
  const pages = sources.flatMap((text) =>
    [...text.matchAll(/\bdocument(?:Url|Link)\("([^"]+)"/g)].map(([, page]) => page),
  );
  expect(pages.length).toBeGreaterThan(2);
  expect(pages.filter((page) => !existsSync(`docs/${page}.md`))).toEqual([]);
});
