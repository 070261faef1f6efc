import { describe, expect, it } from "@jest/globals";
import { COMMAND_NAMES } from "../../../../src/core/commands/registry.ts";
import { ACCEPT } from "../../../../src/core/judge/obey/accept.ts";
import { ASK } from "../../../../src/core/judge/obey/ask.ts";
import { DRILL } from "../../../../src/core/judge/obey/drill.ts";
import { EVIDENCE } from "../../../../src/core/judge/obey/evidence.ts";
import { ITEMS } from "../../../../src/core/judge/obey/items.ts";
import { PEOPLE } from "../../../../src/core/judge/obey/people.ts";
import { REGRESSIONS } from "../../../../src/core/judge/obey/regressions.ts";
import { RESPOND } from "../../../../src/core/judge/obey/respond.ts";
import { SEVERITY } from "../../../../src/core/judge/obey/severity.ts";
import { SNOOZE } from "../../../../src/core/judge/obey/snooze.ts";
import { TIMES } from "../../../../src/core/judge/obey/times.ts";

describe("Every command", () => {
  it("belongs to one family: none is obeyed in two ways", () => {
    const families = [RESPOND, SEVERITY, DRILL, PEOPLE, ACCEPT, ASK, EVIDENCE, REGRESSIONS, ITEMS, SNOOZE, TIMES];
    expect(families.flatMap(Object.keys).toSorted()).toEqual(COMMAND_NAMES.toSorted());
  });
});
