import { expect, it } from "@jest/globals";
import { createMetrics } from "../../src/views/metrics.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";

async function readings(waiting: number, countingMs: number, everyMs: number, times: number): Promise<number> {
  const clock = new VirtualClock();
  const metrics = createMetrics(clock);
  let counted = 0;
  metrics.watchQueue({
    depth: async () => {
      counted += 1;
      clock.advance(countingMs);
      return { waiting, running: 0, setAside: 0 };
    },
  });
  for (let at = 0; at < times; at += 1) {
    expect(await metrics.registry.metrics()).toContain(`sevgate_queue_keys{state="waiting"} ${waiting}`);
    clock.advance(everyMs);
  }
  return counted;
}

it("Counting a very long queue takes a twentieth of the time at most, however often the metrics are read", async () => {
  expect(await readings(100_000, 500, 1_000, 100)).toBeLessThanOrEqual(11);
});

it("However slow the database is, a queue of usual length is counted each time the metrics are read", async () => {
  expect(await readings(9_999, 500, 0, 10)).toBe(10);
});
