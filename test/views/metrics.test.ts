import { expect, it } from "@jest/globals";
import { TransientError } from "../../src/base/errors.ts";
import { createMetrics } from "../../src/views/metrics.ts";
import { VirtualClock } from "../../testkit/virtual-clock.ts";

it("A store that does not answer leaves its keys out of the metrics, and nothing else", async () => {
  const metrics = createMetrics(new VirtualClock());
  let answers = true;
  metrics.watchQueue({
    async depth() {
      if (!answers) throw new TransientError("the database does not answer");
      return { waiting: 3, running: 2, setAside: 1 };
    },
  });
  metrics.countSweep("done");
  const keys = async () => (await metrics.registry.metrics()).match(/^sevgate_(queue_keys|sweeps_total).*$/gm);
  expect(await keys()).toEqual([
    'sevgate_sweeps_total{result="done"} 1',
    'sevgate_queue_keys{state="waiting"} 3',
    'sevgate_queue_keys{state="running"} 2',
    'sevgate_queue_keys{state="set-aside"} 1',
  ]);
  answers = false;
  expect(await keys()).toEqual(['sevgate_sweeps_total{result="done"} 1']);
});
