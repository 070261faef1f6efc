import type { Instant } from "../model.ts";
import { NOBODY } from "./on-call-document.ts";
import type { OnCallSchedule, Override, Role, Rotation } from "./schedule.ts";
import { type Turn, turnAt } from "./turn.ts";

/** What became of a layer that was asked for somebody. */
export interface LayerAnswer {
  readonly rotation: string;
  /**
   * `taken-from`: somebody comes from it. `left-open`: it is `nobody`'s turn. `all-away`: every member is unavailable.
   * `all-busy`: whoever is left has another role, or was replaced in one.
   */
  readonly answer: "taken-from" | "not-started" | "ended" | "outside-hours" | "left-open" | "all-away" | "all-busy";
  /** Members in order of their turn, from the one whose turn it is; empty where it is nobody's. */
  readonly order: readonly string[];
  /** Of these, who is unavailable. */
  readonly away: readonly string[];
}

/** How somebody came to have a role, or why nobody has it. */
export type Via =
  /** `follows`: the role whose layer it is. */
  | { readonly kind: "layer"; readonly rotation: string; readonly follows: string | null }
  /** `instead`: who would have had it; `null`: nobody. */
  | { readonly kind: "override"; readonly override: Override; readonly instead: string | null }
  | { readonly kind: "gap" };

/** One role at one moment. */
export interface OnCall {
  readonly role: string;
  /** `null`: nobody. Never silent: whoever asks says so and goes to the next. */
  readonly login: string | null;
  readonly via: Via;
  /** Every layer that was asked, in order. */
  readonly asked: readonly LayerAnswer[];
  /** Logins of those who look on. They are not called. */
  readonly shadows: readonly string[];
}

/** Says whose turn a rotation has; the moment is known to whoever made it. */
export type TurnOf = (rotation: Rotation) => Turn;

/** Who is on call at `at`: every role, in the order of the file. */
export function whoIsOn(schedule: OnCallSchedule, at: Instant): readonly OnCall[] {
  return fillRoles(schedule, at, (rotation) => turnAt(rotation, at));
}

/** The person of one role at `at`; `null`: nobody, or no such role. */
export function loginOn(schedule: OnCallSchedule, role: string, at: Instant): string | null {
  return whoIsOn(schedule, at).find((one) => one.role === role)?.login ?? null;
}

/**
 * `whoIsOn` for those who know the turns already.
 *
 * Roles are filled in their order. A person has one role at a time; whom an override replaces gets no other, because
 * they are presumed away.
 */
export function fillRoles(schedule: OnCallSchedule, at: Instant, turnOf: TurnOf): readonly OnCall[] {
  const passedOver = new Set<string>();
  const layers = new Map<string, { readonly rotation: string; readonly free: readonly string[] }>();
  const away = new Set(schedule.unavailable.filter((one) => covers(one, at)).map(({ user }) => user));

  type Answer = LayerAnswer & { readonly free: readonly string[] };
  const answers = new Map<Rotation, Answer>();
  /** Several roles may ask the same layer. */
  function ask(rotation: Rotation): Answer {
    const known = answers.get(rotation) ?? answerOf(rotation);
    answers.set(rotation, known);
    return known;
  }
  function answerOf(rotation: Rotation): Answer {
    const turn = turnOf(rotation);
    const base = { rotation: rotation.name, order: [], away: [], free: [] };
    if (turn.kind !== "on") return { ...base, answer: turn.kind };
    const first = turn.index % rotation.members.length;
    if (rotation.members[first] === NOBODY) return { ...base, answer: "left-open" };
    const turns = [...rotation.members.slice(first), ...rotation.members.slice(0, first)];
    const order = [...new Set(turns)].filter((member) => member !== NOBODY);
    const free = order.filter((member) => !away.has(member));
    return {
      ...base,
      order,
      away: order.filter((member) => away.has(member)),
      free,
      answer: free.length === 0 ? "all-away" : "taken-from",
    };
  }

  function scheduled(role: Role): Pick<OnCall, "login" | "via" | "asked"> {
    const followed = role.follow === null ? undefined : layers.get(role.follow.role);
    if (role.follow !== null && followed !== undefined) {
      const { offset } = role.follow;
      const inTurn = [...followed.free.slice(offset), ...followed.free.slice(0, offset)];
      const login = inTurn.find((member) => !passedOver.has(member));
      const via: Via = { kind: "layer", rotation: followed.rotation, follows: role.follow.role };
      if (login !== undefined) return { login, via, asked: [] };
    }
    const asked: LayerAnswer[] = [];
    for (const rotation of role.layers) {
      const { free, ...answer } = ask(rotation);
      const login = free.find((member) => !passedOver.has(member));
      if (login !== undefined) {
        asked.push(answer);
        layers.set(role.name, { rotation: rotation.name, free });
        return { login, via: { kind: "layer", rotation: rotation.name, follows: null }, asked };
      }
      asked.push(free.length === 0 ? answer : { ...answer, answer: "all-busy" });
    }
    return { login: null, via: { kind: "gap" }, asked };
  }

  return schedule.roles.map((role): OnCall => {
    const planned = scheduled(role);
    const override = schedule.overrides.findLast(
      (one) => one.role === role.name && covers(one, at) && (one.for === null || one.for === planned.login),
    );
    const via: Via = override === undefined ? planned.via : { kind: "override", override, instead: planned.login };
    const login = override === undefined ? planned.login : override.user;
    for (const person of [planned.login, login]) if (person !== null) passedOver.add(person);
    const shadows = schedule.shadows.filter((one) => one.role === role.name && covers(one, at));
    return {
      role: role.name,
      login,
      via,
      asked: planned.asked,
      shadows: [...new Set(shadows.map(({ user }) => user))],
    };
  });
}

function covers(spell: { readonly from: Instant; readonly to: Instant }, at: Instant): boolean {
  return spell.from <= at && at < spell.to;
}
