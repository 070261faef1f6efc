import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "@jest/globals";
import { DOCUMENTED_VERSION, documentLink, documentUrl } from "../../../src/core/words/documents.ts";

it("links the documents of the version that runs", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly version: string };
  expect(DOCUMENTED_VERSION).toBe(version);
  expect(new URL(documentUrl("slack")).pathname).toBe(`/blob/v${version}/docs/slack.md`);
  expect(documentLink("policy", "policy", "close-requires")).toBe(`[policy](${documentUrl("policy")}#close-requires)`);
});

it("links only pages that exist", () => {
  const pages = [
    "alerts",
    "commands",
    "on-call",
    "operations",
    "policy",
    "regressions",
    "runbooks",
    "slack",
    "templates",
  ] as const;
  expect(pages.filter((page) => !existsSync(`docs/${page}.md`))).toEqual([]);
});
