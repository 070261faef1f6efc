import { expect, it, jest } from "@jest/globals";
import { countReadings } from "../support/count-readings.ts";

jest.setTimeout(1_800_000);

it("What others wrote, four times as much of it, takes about four times the steps: every reader, every hostile text", async () => {
  const counted = await countReadings(1);
  expect(counted.length).toBeGreaterThan(3_000);
  expect(counted.filter(({ once, fourfold }) => fourfold > 8 * once + 5_000)).toEqual([]);
});
