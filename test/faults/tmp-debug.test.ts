import { it, jest } from "@jest/globals";
import { writeFileSync } from "node:fs";
import { playTheWeek } from "./harness/week.ts";
jest.setTimeout(1_200_000);
it.each((process.env["SEEDS"] ?? "5").split(",").map(Number))("debug %d", async (seed) => {
  for (const faults of [false, true]) {
    const world = await playTheWeek(seed, { faults });
    await world.settle();
    const all = () => world.github.numbers().map((n) => [n, world.github.comments(n).map((c) => c.body)] as const);
    const before = all();
    world.github.forgetCalls();
    await world.lookAtEverything();
    const after = all();
    process.stdout.write(`${seed} ${faults} writes ${JSON.stringify(world.github.writes)}\n`);
    for (const [at, [n, bodies]] of before.entries()) {
      for (const [i, body] of bodies.entries()) if (body !== after[at]![1][i]) {
        writeFileSync(`/tmp/soak-${seed}-${faults}-${n}-before.md`, body);
        writeFileSync(`/tmp/soak-${seed}-${faults}-${n}-after.md`, after[at]![1][i] ?? "GONE");
        process.stdout.write(`#${n} changed\n`);
      }
    }
  }
});
