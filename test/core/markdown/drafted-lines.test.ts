import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { draftedLines, draftedMark, isDrafted } from "../../../src/core/markdown/drafted-lines.ts";
import { hasOwnText } from "../../../src/core/markdown/own-text.ts";
import { visibleContent } from "../../../src/core/markdown/visible-lines.ts";
import { wordsOf } from "../../../src/core/markdown/words.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";

describe("The mark of a draft", () => {
  it("knows every line that was drafted again, whatever it says, and is one comment", () => {
    fc.assert(
      fc.property(fc.array(hostileText, { maxLength: 6 }), (lines) => {
        const draft = lines.join("\n\n");
        const mark = draftedMark(draft);
        expect(mark).toMatch(/^<!-- sevgate:drafted [0-9a-f ]{0,3600} -->$/);
        const drafted = draftedLines(`${mark}\n${draft}`);
        for (const { text } of visibleContent(draft)) {
          const words = wordsOf(text);
          expect(words === "" || isDrafted(words, drafted)).toBe(true);
        }
      }),
    );
  });

  it.each([
    ["no mark", "## What happened"],
    ["a mark that does not end", `<!-- sevgate:drafted ${"x".repeat(100_000)}`],
    ["something else in it", "<!-- sevgate:drafted all of it -->"],
    ["nothing in it", "<!-- sevgate:drafted  -->"],
  ])("is none where there is %s", (_, text) => {
    expect([...draftedLines(text)]).toEqual([]);
    expect(hasOwnText("It broke.", "")).toBe(true);
  });

  it("has at most four hundred lines, the first", () => {
    const draft = Array.from({ length: 1_000 }, (_, at) => `line ${at}`).join("\n\n");
    const drafted = draftedLines(draftedMark(draft));
    expect(drafted.size).toBe(400);
    expect([isDrafted("line 399", drafted), isDrafted("line 400", drafted)]).toEqual([true, false]);
  });
});
