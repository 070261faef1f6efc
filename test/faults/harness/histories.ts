import type { FakeEvent } from "../../../testkit/fake-github/events.ts";
import type { World } from "./world.ts";

/** Every order of the numbers below `count`. */
export function permutations(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((shorter) =>
    Array.from({ length: count }, (_, at) => [...shorter.slice(0, at), count - 1, ...shorter.slice(at)]),
  );
}

/** Collects what GitHub would deliver, instead of delivering it. */
export function holdBack(world: World): FakeEvent[] {
  const held: FakeEvent[] = [];
  world.post = (event) => {
    held.push(event);
    return [];
  };
  return held;
}
