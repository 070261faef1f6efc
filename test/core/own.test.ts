import { describe, expect, it } from "@jest/globals";
import {
  ACTIONS_APP_ID,
  type AppIdentity,
  isFormersAccount,
  isFormersComment,
  isOwnAccount,
  isOwnComment,
} from "../../src/core/own.ts";

const SHARED = "github-actions[bot]";
const app: AppIdentity = {
  appId: 77,
  botLogin: "sevgate[bot]",
  former: [
    { appId: ACTIONS_APP_ID, botLogin: SHARED },
    { appId: 5, botLogin: "older[bot]" },
    { appId: 6, botLogin: null },
  ],
};
const by = (login: string, appId: number | null, isBot = true) => ({ author: { id: 1, login, isBot }, appId });

describe("what the app did itself", () => {
  it("is what its account did, or a former app's, but not what every workflow may have done", () => {
    const own = ["sevgate[bot]", "older[bot]", SHARED, "bob"].map((login) => isOwnAccount(app, { login }));
    expect(own).toEqual([true, true, false, false]);
    expect(isOwnAccount(app, null)).toBe(false);
  });

  it("is what every workflow may have done, only where it runs as that itself", () => {
    const action: AppIdentity = { appId: ACTIONS_APP_ID, botLogin: SHARED, former: [] };
    expect(isOwnAccount(action, { login: SHARED })).toBe(true);
  });

  it("is a comment of its number by a bot: with a token for a person, that person is the author", () => {
    expect(isOwnComment(app, by("renamed[bot]", 77))).toBe(true);
    expect(isOwnComment(app, by("alice", 77, false))).toBe(false);
    expect(isOwnComment(app, by("sevgate[bot]", 78))).toBe(false);
    expect(isOwnComment(app, by("sevgate[bot]", null))).toBe(true);
  });

  it("is no comment of a former app, whose record counts by its seal alone", () => {
    expect([isOwnComment(app, by(SHARED, ACTIONS_APP_ID)), isFormersComment(app, by(SHARED, ACTIONS_APP_ID))]).toEqual([
      false,
      true,
    ]);
    expect(isFormersComment(app, by("bob", ACTIONS_APP_ID, false))).toBe(false);
    expect(isFormersComment(app, by("other[bot]", 9))).toBe(false);
    expect(isFormersComment(app, by("other[bot]", null))).toBe(false);
  });

  it("is a shared account's only where a forged one harms nobody", () => {
    expect(isFormersAccount(app, { login: SHARED })).toBe(true);
    expect(isFormersAccount(app, { login: "bob" })).toBe(false);
  });
});
