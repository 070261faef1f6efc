import { StepCounter } from "./count-steps.ts";

/*
 * Run on its own, with how many texts to skip and how long they are: prints what each reading costs in steps, and what
 * four times as much costs, as one JSON line each. In a process of its own, so that the counter is there before the
 * code it counts.
 */
const [each = "1", size = "1000", of = "all"] = process.argv.slice(2);
const counter = new StepCounter();
const { everyReading, QUADRATIC } = await import("./readers-of-others-text.ts");
for (const { name, read } of of === "quadratic" ? [QUADRATIC] : everyReading(Number(each))) {
  // Work that is done only once, such as building a table, is done beforehand.
  read(Number(size) / 2);
  const once = counter.count(() => read(Number(size)));
  const fourfold = counter.count(() => read(4 * Number(size)));
  process.stdout.write(`${JSON.stringify({ name, once, fourfold })}\n`);
}
