import { describe, expect, it } from "@jest/globals";
import { idsInChat, loginInChat } from "../../../src/core/chat/chat-people.ts";
import { parseOnCall } from "../../../src/core/oncall/parse-on-call.ts";

const read = parseOnCall(`people:
  Alice: { slack: U0ALICE001 }
  bob: { email: bob@example.com }
rotations: { week: { start: 2020-01-06, members: [Alice, bob] } }
roles: { primary: { layers: [week] } }
`);
const schedule = read.kind === "valid" ? read.schedule : null;

describe("Who somebody in a chat is", () => {
  it("is what the on-call file says, in both directions", () => {
    expect(loginInChat(schedule, "slack", "U0ALICE001")).toBe("Alice");
    expect([...idsInChat(schedule, "slack")]).toEqual([["alice", "U0ALICE001"]]);
  });

  it("is nobody whom the file does not name there, and nobody at all without a file", () => {
    for (const user of ["U0BOB00001", "", "bob", "null"]) expect(loginInChat(schedule, "slack", user)).toBeNull();
    expect(loginInChat(null, "slack", "U0ALICE001")).toBeNull();
    expect(idsInChat(null, "slack").size).toBe(0);
  });
});
