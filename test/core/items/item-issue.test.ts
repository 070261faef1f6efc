import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type ItemContent, itemBody, lateFrom, originOf, toActionItem } from "../../../src/core/items/item-issue.ts";
import type { Instant, IssueFacts } from "../../../src/core/model.ts";
import type { FiledItem } from "../../../src/core/record/history.ts";
import { hostileText } from "../../support/arbitrary-entry.ts";
import { buildIssue } from "../../support/build-observation.ts";

const APP = { appId: 7, botLogin: "sevgate[bot]", former: [] };
const BOT = { id: 7, login: "sevgate[bot]", isBot: true };
const ORIGIN = {
  incident: { repositoryId: 1000, number: 12 },
  postMortem: { repositoryId: 1001, number: 13 },
  line: "0123456789abcdef",
};
const CONTENT: ItemContent = {
  title: "Limit `src/pool.ts`",
  postMortem: "#13",
  incident: "acme/ops#12",
  owner: "alice",
  due: "2026-12-01",
  kind: "prevent",
  paths: ["src/pool.ts", "a|b/c.ts"],
  origin: ORIGIN,
};
const HERE = { repository: null, number: 41 };
const INCIDENT = { repository: null, number: 12 };

function issue(fields: Partial<IssueFacts> = {}): IssueFacts {
  return { ...buildIssue(), number: 41, author: BOT, title: "x", body: itemBody(CONTENT), assignees: [], ...fields };
}

describe("the issue of an action item", () => {
  it("is read back as it was written, whatever its words are", () => {
    const owner = fc.option(fc.constantFrom("alice", "dev_acme", "a-b"));
    const due = fc.option(fc.constantFrom("2026-12-01", "2027-02-28"));
    const kind = fc.option(fc.constantFrom("prevent" as const, "process" as const));
    fc.assert(
      fc.property(hostileText, owner, due, kind, (title, by, day, what) => {
        const body = itemBody({ ...CONTENT, title, owner: by, due: day, kind: what });
        const seen = issue({ body });
        expect(originOf(APP, seen)).toEqual(ORIGIN);
        expect(body).not.toMatch(/(?<![\w.])@[a-z]/i);
        const item = toActionItem(seen, HERE, INCIDENT, null);
        expect(item).toMatchObject({ owner: by, kind: what, due: day === null ? null : { day, from: "text" } });
        expect(item.paths).toContain("src/pool.ts");
      }),
    );
  });

  it("is one of the app's own, with the marker at its end", () => {
    const body = itemBody(CONTENT);
    expect(originOf(APP, issue({ author: { id: 9, login: "mallory", isBot: false } }))).toBeNull();
    expect(originOf(APP, issue({ body: `${body}\nmore` }))).toBeNull();
    expect(originOf(APP, issue({ body: `${body.trim()}\r\n` }))).toEqual(ORIGIN);
  });

  it("takes its owner and day from GitHub before its text", () => {
    const item = toActionItem(issue({ assignees: ["bob"], milestoneDue: "2026-11-30" }), HERE, INCIDENT, null);
    expect(item).toMatchObject({ owner: "bob", due: { day: "2026-11-30", from: "milestone" } });
    const dated = toActionItem(issue({ milestoneDue: "2026-11-30" }), HERE, INCIDENT, null, "2026-11-29");
    expect(dated).toMatchObject({ owner: "alice", due: { day: "2026-11-29", from: "field" } });
  });

  it.each([
    ["open", "open", null, null],
    ["closed as completed", "done", "completed", null],
    ["closed as not planned", "unexplained", "not_planned", null],
    ["closed as a duplicate", "unexplained", "duplicate", null],
    ["dropped", "dropped", "not_planned", "dropped"],
    ["dropped, and open again", "open", null, "dropped"],
  ] as const)("%s is %s", (_, state, closeReason, how) => {
    const at = 5_000 as Instant;
    const filed: FiledItem = {
      target: HERE,
      postMortem: { repository: null, number: 13 },
      line: ORIGIN.line,
      filedAt: 1_000 as Instant,
      end: how === null ? null : { how, at, by: "alice", reason: "too dear" },
    };
    const closedAt = closeReason === null ? null : (4_000 as Instant);
    const seen = issue({ state: closeReason === null ? "open" : "closed", closeReason, closedAt });
    const item = toActionItem(seen, HERE, INCIDENT, filed);
    expect(item).toMatchObject({ state, filedAt: 1_000, reason: state === "dropped" ? "too dear" : null });
    expect(item.endedAt).toBe(state === "dropped" ? at : state === "done" ? closedAt : null);
  });

  it("is late once its day is over everywhere on Earth", () => {
    expect(new Date(lateFrom("2026-12-01")).toISOString()).toBe("2026-12-02T12:00:00.000Z");
  });
});
