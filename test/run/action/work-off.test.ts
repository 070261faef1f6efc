import { describe, expect, it } from "@jest/globals";
import type { Instant } from "../../../src/core/model.ts";
import { RUN_LIMIT_MS, WAITED_FOR_MS, workOff } from "../../../src/run/action/work-off.ts";
import { VirtualClock } from "../../../testkit/virtual-clock.ts";

/** Works off a queue in which something is due again and again, `everyMs` after the last time. Returns how long it was waited for. */
async function waited(everyMs: number, times = 1_000, limitMs = RUN_LIMIT_MS): Promise<number> {
  const clock = new VirtualClock();
  const begunAt = clock.now();
  let due: number | null = begunAt + everyMs;
  let left = times;
  const queue = {
    step: async () => {
      if (due === null || clock.now() < due) return false;
      left -= 1;
      due = left === 0 ? null : clock.now() + everyMs;
      return true;
    },
    nextTimerAt: async () => due,
  };
  await workOff(
    {
      queue,
      clock,
      waitsFor: WAITED_FOR_MS,
      pause: async (ms: number) => {
        clock.advance(ms);
      },
    } as unknown as Parameters<typeof workOff>[0],
    (begunAt + limitMs) as Instant,
  );
  return clock.now() - begunAt;
}

describe("a run", () => {
  it("waits for what is due soon, and for nothing later", async () => {
    expect(await waited(WAITED_FOR_MS, 1)).toBe(WAITED_FOR_MS);
    expect(await waited(WAITED_FOR_MS + 1, 1)).toBe(0);
  });

  it("waits three minutes at most, however often something is due soon", async () => {
    expect(await waited(30_000)).toBe(180_000);
  });

  it("waits for nothing that is due after its end", async () => {
    expect(await waited(20_000, 10, 50_000)).toBe(40_000);
  });
});
