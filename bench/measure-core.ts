import { measureThinking } from "./measure-thinking.ts";
import { ms, table, times } from "./report.ts";
import type { Setting } from "./setting.ts";

/** One round of derive and plan for an incident at rest. */
export function measureCore({ quick }: Setting): void {
  const counts = [10, 100, 1_000, 2_500];
  measureThinking(100, quick ? 50 : 300);
  const took = counts.map((count) => measureThinking(count, quick ? 3 : 51));
  table(
    "Thinking: derive and plan, by the number of comments of the last day",
    ["comments", "ms", "× 10 comments", "ms for 100 comments"],
    counts.map((count, at) => [
      count.toLocaleString("en"),
      ms(took[at]!),
      times(took[at]! / took[0]!),
      ms((took[at]! / count) * 100),
    ]),
  );
}
