import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { editItemLines, type ItemLine, itemLines } from "../../../src/core/items/item-line.ts";
import { dueDayOf } from "../../../src/core/items/item-words.ts";
import type { Instant } from "../../../src/core/model.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";

const PLACE = { section: "Action items", template: "", home: "acme/ops", host: "github.com" };

function read(body: string): readonly ItemLine[] {
  return itemLines(body, PLACE);
}

function one(text: string): ItemLine {
  return read(`- [ ] ${text}`)[0]!;
}

describe("an action item's line", () => {
  it.each([
    ["Add an alert @alice by 2026-12-01 [detect]", "Add an alert", "alice", { day: "2026-12-01" }, "detect"],
    ["[Prevent] @bob: limit the pool, in 14d", "limit the pool", "bob", { inDays: 14 }, "prevent"],
    [
      "Rehearse the failover (process), due: 2026-12-24, @acme-dev",
      "Rehearse the failover",
      "acme-dev",
      { day: "2026-12-24" },
      "process",
    ],
    ["Page earlier in 2 weeks", "Page earlier", null, { inDays: 14 }, null],
    [
      "Ask @acme/sre for the mail of ops@example.com",
      "Ask @acme/sre for the mail of ops@example.com",
      null,
      null,
      null,
    ],
    ["Not a day 2026-13-45 nor 2026-02-30", "Not a day 2026-13-45 nor 2026-02-30", null, null, null],
    ["Keep `@alice in 3d [detect]` as code", "Keep `@alice in 3d [detect]` as code", null, null, null],
    ["**Alert** on _depth_ @alice", "Alert on depth", "alice", null, null],
    ["@alice", "@alice", "alice", null, null],
  ] as const)("says who, until when and what for: %s", (text, title, owner, due, kind) => {
    expect(one(text)).toMatchObject({ title, owner, due, kind });
  });

  it("names files and folders between backquotes", () => {
    const { paths } = one("Limit `src/pool.ts` and `deploy/`, not `npm test`, `https://x.example/a` or `pool`");
    expect(paths).toEqual(["src/pool.ts", "deploy/"]);
  });

  it("counts days from when it is filed, and knows the calendar", () => {
    const filedAt = Date.UTC(2026, 11, 30, 23) as Instant;
    expect(dueDayOf({ inDays: 2 }, filedAt)).toBe("2027-01-01");
    expect(dueDayOf({ day: "2026-12-31" }, filedAt)).toBe("2026-12-31");
  });

  it("keeps its identity when it is filed, ticked or moved, and loses it with its words", () => {
    const { digest } = one("Add an alert");
    for (const same of ["- [x] Add an alert", "  * [ ] #41 Add  an alert", "1. [ ] acme/ops#41 Add an alert"])
      expect(read(`- a\n${same}`)[0]).toMatchObject({ digest });
    expect(one("Add the alert").digest).not.toBe(digest);
  });

  it("begins with its issue, or only mentions one", () => {
    expect(one("#41 Add an alert")).toMatchObject({ leads: { repository: null, number: 41 }, isFiled: true });
    expect(one("https://github.com/acme/app/issues/3 x").leads).toEqual({ repository: "acme/app", number: 3 });
    expect(one("As in #41")).toMatchObject({ leads: null, isFiled: true });
    expect(one("Add an alert")).toMatchObject({ leads: null, isFiled: false });
  });

  it.each([
    ["a quote", "> - [ ] quoted"],
    ["code", "```\n- [ ] code\n```\n\n    - [ ] indented"],
    ["a comment", "<!--\n- [ ] hidden\n-->"],
    ["no list", "[ ] not an item"],
    ["a list without a box", "- not a task"],
  ])("is not found in %s", (_, body) => {
    expect(read(body)).toEqual([]);
  });

  it("belongs to the section of the policy, wherever its heading is written a little differently", () => {
    const body =
      "## Notes\n- [ ] a\n\n## 4. Action Items:\n- [ ] b\n  - [ ] c\n\n### Later\n- [ ] d\n\n## End\n- [ ] e\n";
    expect(read(body).map(({ text }) => text)).toEqual(["b", "c", "d"]);
    expect(read("## Notes\n- [ ] a\n").map(({ text }) => text)).toEqual(["a"]);
  });

  it("says nothing of its own when it is the template's, or a placeholder", () => {
    const words = (template: string, body: string) => itemLines(body, { ...PLACE, template })[0]!.isWritten;
    expect(words("- [ ] what, who", "- [ ] what, who")).toBe(false);
    expect(words("", "- [ ] TBD")).toBe(false);
    expect(words("- [ ] what, who", "- [ ] Add an alert")).toBe(true);
  });
});

describe("editing the beginning of a line", () => {
  it("keeps every other byte", () => {
    const body = "# A\r\n\r\n* [ ]\tAdd  an alert  \r\n\t1) [X] Later\r\n- - [ ] Deep\r- [ ] Last";
    const lines = read(body);
    const edited = editItemLines(
      body,
      lines.map(({ line, checked }, at) => ({ line, checked: !checked, lead: at === 1 ? null : `#${at + 40}` })),
    );
    expect(edited).toBe("# A\r\n\r\n* [x]\t#40 Add  an alert  \r\n\t1) [ ] Later\r\n- - [x] #42 Deep\r- [x] #43 Last");
  });

  it("changes exactly what it was asked to, on whatever people write", () => {
    const box = fc.constantFrom(
      "- [ ] ",
      "* [x] ",
      "  - [ ] ",
      "1. [X] ",
      "- [ ]\n",
      "> - [ ] ",
      "- - [ ] ",
      "\t- [ ] ",
    );
    const text = fc.oneof(fc.constantFrom("Add an alert", "#41 x", "@bob in 3d", "`a/b.ts`", ""), hostileText);
    const ending = fc.constantFrom("\n", "\r\n", "\r", "\n\n");
    const bodies = fc
      .array(fc.tuple(box, text, ending), { maxLength: 12 })
      .map((rows) => rows.map((row) => row.join("")).join(""));
    fc.assert(
      fc.property(bodies, (body) => {
        const lines = read(body);
        const edited = editItemLines(
          body,
          lines.map(({ line, checked }) => ({ line, checked: !checked, lead: null })),
        );
        expect(edited.length).toBe(body.length);
        const again = read(edited);
        expect(again.map(({ line, text, digest }) => ({ line, text, digest }))).toEqual(
          lines.map(({ line, text, digest }) => ({ line, text, digest })),
        );
        expect(again.map(({ checked }) => checked)).toEqual(lines.map(({ checked }) => !checked));
        const back = editItemLines(
          edited,
          again.map(({ line, checked }) => ({ line, checked: !checked, lead: null })),
        );
        expect(back.toLowerCase()).toBe(body.toLowerCase());
      }),
    );
  });

  it("puts an issue before the words, and is then done", () => {
    const text = fc.constantFrom(
      "Add an alert",
      "@bob in 3d",
      "`a/b.ts` again",
      "**x**",
      "[a](b)",
      "1. b",
      "> c",
      "# d",
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        const body = texts.map((one) => `- [ ] ${one}`).join("\r\n");
        const lines = read(body);
        const edited = editItemLines(
          body,
          lines.map(({ line, checked }, at) => ({ line, checked, lead: `#${at + 1}` })),
        );
        const filed = read(edited);
        expect(filed.map(({ leads }) => leads?.number)).toEqual(lines.map((_, at) => at + 1));
        expect(filed.map(({ digest }) => digest)).toEqual(lines.map(({ digest }) => digest));
      }),
    );
  });
});
