import { describe, expect, it } from "@jest/globals";
import { TerminalError, TransientError } from "../../../src/base/errors.ts";
import type { Instant, Permission, Repository } from "../../../src/core/model.ts";
import { inTurns } from "../../../src/run/action/in-turns.ts";
import { isLeftToEvents, isLeftToTheTeam, perhapsOutsider } from "../../../src/run/action/is-left-to-the-team.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";

const clock = new VirtualClock();
const repository: Repository = { installationId: 1, id: 1, owner: "acme", name: "ops" };
const limitOf = (remaining: number, inMs = 60_000) => ({
  limit: 1_000,
  remaining,
  resetsAt: (clock.now() + inMs) as Instant,
});
const by = (sender: string, author: string) => ({
  name: "issue_comment",
  payload: {
    sender: { login: sender },
    issue: { user: { login: "bob" } },
    comment: { user: { login: author } },
  },
});

/** GitHub with so much left, which answers so who may do what. */
function gitHub(remaining: number | null, permission: () => Promise<Permission>) {
  const asked: string[] = [];
  const parts = {
    read: {
      permission: async (_: Repository, login: string) => {
        asked.push(login);
        return await permission();
      },
    },
    app: { requestLimit: async () => (remaining === null ? null : limitOf(remaining)) },
  } as unknown as Parameters<typeof isLeftToTheTeam>[2];
  return { asked, isLeft: (event = by("rita", "rita")) => isLeftToTheTeam(event, repository, parts, clock) };
}

describe("whoever may be an outsider", () => {
  it("is whoever does something to what they wrote themselves", () => {
    expect(perhapsOutsider(by("rita", "rita"))).toBe("rita");
    expect(perhapsOutsider(by("Rita", "rita"))).toBe("Rita");
    const issue = { user: { login: "rita" } };
    expect(perhapsOutsider({ name: "issues", payload: { sender: { login: "rita" }, issue } })).toBe("rita");
    const pull = { sender: { login: "rita" }, pull_request: issue };
    expect(perhapsOutsider({ name: "pull_request", payload: pull })).toBe("rita");
  });

  it("is nobody who does something to what others wrote, which takes rights", () => {
    expect(perhapsOutsider(by("alice", "rita"))).toBeNull();
  });

  it("is nobody in an event that says of nobody who did it", () => {
    for (const payload of [
      null,
      {},
      { sender: { login: "rita" } },
      { issue: { user: null }, sender: { login: "x" } },
    ]) {
      expect(perhapsOutsider({ name: "issues", payload })).toBeNull();
    }
  });
});

describe("what is left of the hour", () => {
  it("is kept for the team from half of it on, and nobody's rights are asked for before, nor for what takes rights", async () => {
    const read = async (): Promise<Permission> => "read";
    expect(await gitHub(500, read).isLeft()).toBe(false);
    expect(await gitHub(499, read).isLeft()).toBe(true);
    expect(await gitHub(null, read).isLeft()).toBe(false);
    expect(await gitHub(499, async () => "triage").isLeft()).toBe(false);
    const enough = gitHub(500, read);
    const ofTheTeam = gitHub(499, read);
    await enough.isLeft();
    expect(await ofTheTeam.isLeft(by("bob", "rita"))).toBe(false);
    expect([enough.asked, ofTheTeam.asked]).toEqual([[], []]);
  });

  it("is kept for the team where GitHub tells no rights, and a run fails where it does not answer", async () => {
    const refuse = (error: Error) => async (): Promise<Permission> => {
      throw error;
    };
    expect(await gitHub(499, refuse(new TerminalError("refused"))).isLeft()).toBe(true);
    await expect(gitHub(499, refuse(new TransientError("down"))).isLeft()).rejects.toThrow("down");
  });

  it("is kept for events from a fifth of it on, until the hour is over", () => {
    expect(isLeftToEvents(null, clock)).toBe(false);
    expect(isLeftToEvents(limitOf(200), clock)).toBe(false);
    expect(isLeftToEvents(limitOf(199), clock)).toBe(true);
    expect(isLeftToEvents(limitOf(199, 0), clock)).toBe(false);
  });
});

describe("a run that may not get to the end", () => {
  const all = Array.from({ length: 30 }, (_, at) => at);

  it("begins with the same first ones and leaves nothing out", () => {
    for (let turn = 0; turn < 50; turn += 1) {
      const order = inTurns(all, 5, turn);
      expect(order.slice(0, 5)).toEqual([0, 1, 2, 3, 4]);
      expect(order.toSorted((a, b) => a - b)).toEqual(all);
    }
    expect(inTurns([], 5, 3)).toEqual([]);
    expect(inTurns([1, 2], 5, 3)).toEqual([1, 2]);
  });

  it.each([1, 6, 7])("gets to everything in a few runs, also if only each turn %i of them does something", (step) => {
    const seen = new Set<number>();
    for (let run = 0; run < 40; run += 1) for (const one of inTurns(all, 5, run * step).slice(0, 9)) seen.add(one);
    expect(seen.size).toBe(all.length);
  });
});
