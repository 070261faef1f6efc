import { describe, expect, it } from "@jest/globals";
import { EVERY_READER, hostileMarkdown, LARGEST_BODY, tokensOf } from "../support/hostile-markdown.ts";

const length = LARGEST_BODY - 100;
const half = new Map(hostileMarkdown(length / 2));

describe("65,536 characters made to cost", () => {
  it.each(hostileMarkdown(length))("cost twice the work of half of them: %s", (name, text) => {
    expect(tokensOf(text)).toBeLessThanOrEqual(2.5 * tokensOf(half.get(name)!) + 100);
  });

  it.each(hostileMarkdown(length))("are read to the end by everything: %s", (_name, text) => {
    for (const read of EVERY_READER) expect(read(text)).toBe(true);
  });
});
