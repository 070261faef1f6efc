import { describe, expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import type { Answer } from "../../src/rehearse/answer.ts";
import { pauseAskedFor } from "../../src/rehearse/pace.ts";
import { RehearsalOverError } from "../../src/rehearse/rehearsal-over-error.ts";
import { movingPace } from "../support/moving-pace.ts";

const OK: Answer = { status: 200, headers: {}, data: {} };

/** A pace on a clock that waiting moves. */
function paced(answers: readonly Answer[] = []) {
  const left = [...answers];
  const sentAt: number[] = [];
  const { pace, stop, begun, now } = movingPace();
  pace.beginPart(10, 60_000, stop.signal);
  const send = (isWrite: boolean) =>
    pace.send("you", "GET /x", isWrite, async () => {
      sentAt.push(now());
      return left.shift() ?? OK;
    });
  return { pace, send, sentAt, stop, begun };
}

const limited = (headers: Readonly<Record<string, string>>, status = 403): Answer => ({ status, headers, data: {} });

describe("the pace of a rehearsal", () => {
  it("leaves a second between two writes, and none between reads", async () => {
    const { send, sentAt, begun } = paced();
    for (const isWrite of [true, true, false, false, true]) await send(isWrite);
    expect(sentAt.map((at) => at - begun)).toEqual([0, 1_000, 1_000, 1_000, 2_000]);
  });

  it("pauses as long as GitHub asks for, and then sends once more what was refused", async () => {
    const { pace, send, sentAt, begun } = paced([limited({ "retry-after": "30" }), OK]);
    expect(await send(false)).toEqual(OK);
    expect(sentAt.map((at) => at - begun)).toEqual([0, 30_000]);
    expect(pace.pauses).toBe(1);
    expect(pace.requests).toHaveLength(2);
  });

  it("sends a read again that got no answer, and never a write", async () => {
    const { pace } = paced();
    let sent = 0;
    const unanswered = async (): Promise<Answer> => {
      sent += 1;
      throw new TransientError("no answer");
    };
    await expect(pace.send("you", "GET /x", false, unanswered)).rejects.toThrow("no answer");
    expect(sent).toBe(3);
    await expect(pace.send("you", "POST /x", true, unanswered)).rejects.toThrow("no answer");
    expect(sent).toBe(4);
  });

  it("ends when the limit of the hour is used up, and when GitHub asks for a second pause", async () => {
    const long = paced([limited({ "retry-after": "3600" })]);
    await expect(long.send(false)).rejects.toThrow("Try again in 60 min");
    const twice = paced([limited({ "retry-after": "1" }), limited({ "retry-after": "1" })]);
    await expect(twice.send(false)).rejects.toThrow(RehearsalOverError);
  });

  it("ends after its requests and its time; the clean-up has some of its own", async () => {
    const { pace, send, stop } = paced();
    for (let count = 0; count < 10; count += 1) await send(false);
    await expect(send(false)).rejects.toThrow("10 requests");
    pace.beginPart(2, 5_000, stop.signal);
    await send(true);
    await expect(pace.pause(10_000)).rejects.toThrow("longer than it may");
  });

  it("ends at once when somebody stops it, even between two looks", async () => {
    const { pace, send, stop } = paced();
    stop.abort();
    await expect(send(false)).rejects.toThrow("you stopped it");
    await expect(pace.pause(1_000)).rejects.toThrow("you stopped it");
  });
});

describe("a refusal of GitHub", () => {
  it.each<[string, Answer, number | null]>([
    ["for a time that it names", limited({ "retry-after": "7" }), 7_000],
    ["until the hour is over", limited({ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1060" }), 60_000],
    ["without a time", limited({}, 429), 60_000],
    ["by a secondary limit", { ...limited({}), data: { message: "You have exceeded a secondary rate limit" } }, 60_000],
    ["for want of rights", { ...limited({}), data: { message: "Resource not accessible by integration" } }, null],
    ["of nothing", OK, null],
  ])("%s is a pause or none", (_why, answer, ms) => {
    expect(pauseAskedFor(answer, 1_000_000)).toBe(ms);
  });
});
