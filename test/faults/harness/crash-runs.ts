import { expect } from "@jest/globals";
import { seededRandom } from "../../../testkit/seeded-random.ts";
import { ending } from "./ending.ts";
import { expectInvariants } from "./oracle.ts";
import type { Scenario } from "./scenarios.ts";
import { type Death, POSITIONS } from "./wire.ts";
import { World, type WorldOptions } from "./world.ts";

export interface Played {
  readonly world: World;
  /** Mutating calls from the first act to the last. */
  readonly mutations: number;
  readonly ending: ReturnType<typeof ending>;
}

/** A scenario, played to its end and for ten minutes more, in which two sweeps run. Then all invariants hold. */
export async function playToTheEnd(scenario: Scenario, options: WorldOptions): Promise<Played> {
  const world = await World.begin({
    ...(scenario.policy === undefined ? {} : { policy: scenario.policy }),
    ...options,
  });
  try {
    world.sweeps = false;
    await scenario.play(world);
    const { mutations } = world.fate;
    world.sweeps = true;
    await world.heal();
    const left = ending(world);
    // On a real engine that would take minutes more and show nothing new.
    await expectInvariants(world, { alsoWithoutDatabase: options.engine === undefined });
    return { world, mutations, ending: left };
  } finally {
    await world.engine.close();
  }
}

/** Every mutating call of a scenario, in every position: all the places where a process can die. */
export function everyDeath(mutations: number): readonly Death[] {
  return Array.from({ length: mutations }, (_, index) => index + 1).flatMap((at) =>
    POSITIONS.map((position) => ({ at, position })),
  );
}

/** Two deaths of one story; the second often strikes while the first is being recovered from. */
export function doubleDeath(mutations: number, seed: number): readonly [Death, Death] {
  const random = seededRandom(seed);
  const one = (from: number, count: number): Death => ({
    at: from + Math.floor(random() * count),
    position: POSITIONS[Math.floor(random() * POSITIONS.length)] ?? "before",
  });
  const first = one(1, mutations);
  return [first, one(first.at + 1, random() < 0.5 ? 8 : mutations)];
}

/** Plays the scenario with these deaths: it has to end as it does without them. */
export async function expectSameEnding(
  scenario: Scenario,
  golden: Played,
  options: WorldOptions & { readonly deaths: readonly Death[] },
): Promise<void> {
  const { deaths, database = "kept", seed } = options;
  const run = { scenario: scenario.name, deaths, database, seed };
  let played: Played;
  try {
    played = await playToTheEnd(scenario, options);
  } catch (error) {
    throw new Error(`${JSON.stringify(run)}\n${error instanceof Error ? error.message : error}`, { cause: error });
  }
  expect({ run, died: played.world.fate.died > 0, ending: played.ending }).toEqual({
    run,
    died: true,
    ending: golden.ending,
  });
}
