import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { bareText } from "../../../src/core/markdown/bare-text.ts";
import { oneLine, plain } from "../../../src/core/markdown/escape.ts";
import { linkTo } from "../../../src/core/words/links.ts";

const arbitraryText = fc.string({ unit: fc.constantFrom(..."ab1 *_[]()<>&#@:/\\`|~!.+-=\"'$\u001b\u202e") });

describe("Markdown of our own, as bare text", () => {
  it("is what people wrote, whatever that was", () => {
    fc.assert(
      fc.property(arbitraryText, (text) => {
        expect(bareText(plain(text, 1_000))).toBe(oneLine(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["**Runbook** [acme/ops#7](https://github.com/acme/ops/pull/7) counts.", "Runbook acme/ops#7 counts."],
    [`${linkTo({ repository: null, number: 7 }, "https://github.com/acme/ops/issues/7")}: gone`, "#7: gone"],
    ["comment `/postmortem #number`", "comment `/postmortem #number`"],
    ["written as `- [ ]` or `**`", "written as `- [ ]` or `**`"],
    ["<code>a&#124;b</code>", "a|b"],
  ])("has neither marks nor addresses: %s", (markdown, text) => {
    expect(bareText(markdown)).toBe(text);
  });
});
