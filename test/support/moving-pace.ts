import { Pace } from "../../src/rehearse/pace.ts";

/** A rehearsal's pace on a clock that waiting moves; what it may send and how long has not begun yet. */
export function movingPace() {
  let now = 1_000_000;
  const pace = new Pace({
    betweenWritesMs: 1_000,
    betweenLooksMs: 2_000,
    now: () => now,
    say: () => {},
    wait: async (ms) => {
      now += ms;
    },
  });
  return { pace, stop: new AbortController(), begun: now, now: () => now };
}
