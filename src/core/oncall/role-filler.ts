import type { Instant } from "../model.ts";
import type { LayerAnswer, OnCall, Via } from "./on-call.ts";
import { NOBODY } from "./on-call-document.ts";
import type { OnCallSchedule, Override, Role, Rotation, Spell } from "./schedule.ts";
import type { Turn } from "./turn.ts";

/** Says who has each role, moment by moment. */
export interface RoleFiller {
  /**
   * Every role at `at`, in the order of the file. A role that has not changed since the previous call is the same
   * object, so that the cost of a span depends on what changes in it and not on the size of the file times the number
   * of moments.
   *
   * @param turnOf asked at most once for each rotation
   */
  fill(at: Instant, turnOf: (rotation: Rotation) => Turn): readonly OnCall[];
}

/** What a layer says, and which of its members are free. */
interface Answer {
  readonly said: LayerAnswer;
  /** The same when everybody free has another role. */
  readonly busy: LayerAnswer;
  readonly free: readonly string[];
}

/** What is in force until part of it begins or ends. */
interface InForce extends Spell {
  readonly away: ReadonlySet<string>;
  /** For each role, in the order of the file. */
  readonly overrides: readonly (readonly Override[])[];
  readonly shadows: readonly (readonly string[])[];
}

/** A role as it was filled, with what the roles after it have to know. */
interface Filled {
  readonly role: OnCall;
  /** Who would have it without overrides, and everybody who stood in between them and the person who has it. */
  readonly replaced: readonly string[];
  /** The layer it is taken from, for roles that follow it; `null`: none. */
  readonly taken: { readonly rotation: string; readonly free: readonly string[] } | null;
}

const NO_ONE: readonly string[] = [];

/**
 * Roles are filled in their order. A person has one role at a time; somebody whom an override replaces gets no other,
 * because they are presumed away.
 */
export function createRoleFiller(schedule: OnCallSchedule): RoleFiller {
  const used = [...new Set(schedule.roles.flatMap(({ layers }) => layers))];
  const layersOf = schedule.roles.map(({ layers }) => layers.map((rotation) => used.indexOf(rotation)));
  const followed = schedule.roles.map(({ follow }) => schedule.roles.findIndex(({ name }) => name === follow?.role));
  /** For each rotation, by whose turn it is: valid while the same people are away. */
  const known = used.map(() => new Map<number | Exclude<Turn["kind"], "on">, Answer>());
  let inForce: InForce | null = null;
  let answers: readonly Answer[] = [];
  let filled: readonly Filled[] = [];
  /** Roles already filled for the moment being looked at. */
  let done: Filled[] = [];

  function fill(at: Instant, turnOf: (rotation: Rotation) => Turn): readonly OnCall[] {
    const before = inForce;
    if (inForce === null || at < inForce.from || at >= inForce.to) {
      inForce = inForceAt(schedule, at, inForce);
      if (inForce.away !== before?.away) for (const map of known) map.clear();
    }
    const now = inForce;
    const were = answers;
    answers = used.map((rotation, index) => answerOf(rotation, index, turnOf(rotation), now.away));

    const passedOver = new Set<string>();
    // Whether roles before this one came out differently from last time.
    let isMoved = filled.length === 0;
    done = [];
    for (const [index, role] of schedule.roles.entries()) {
      const was = filled[index];
      const isSame =
        was !== undefined &&
        !isMoved &&
        now.overrides[index] === before?.overrides[index] &&
        now.shadows[index] === before?.shadows[index] &&
        layersOf[index]!.every((layer) => answers[layer] === were[layer]);
      const is = isSame ? was : fillRole(role, index, now, passedOver);
      isMoved ||= was === undefined || !isSameList(is.replaced, was.replaced) || is.role.login !== was.role.login;
      // Roles that follow this one need the layer as well.
      isMoved ||= is.taken?.free !== was?.taken?.free;
      for (const login of is.replaced) passedOver.add(login);
      if (is.role.login !== null) passedOver.add(is.role.login);
      done.push(is);
    }
    filled = done;
    return filled.map(({ role }) => role);
  }

  function answerOf(rotation: Rotation, index: number, turn: Turn, away: ReadonlySet<string>): Answer {
    const key = turn.kind === "on" ? turn.index % rotation.members.length : turn.kind;
    const map = known[index]!;
    let answer = map.get(key);
    if (answer === undefined) {
      answer = makeAnswer(rotation, turn, away);
      map.set(key, answer);
    }
    return answer;
  }

  function fillRole(role: Role, index: number, now: InForce, passedOver: ReadonlySet<string>): Filled {
    const { planned, via: plannedVia, asked, taken } = plan(role, index, passedOver);
    const chain = standIns(planned, now.overrides[index]!);
    const override = chain.at(-1);
    const via: Via = override === undefined ? plannedVia : { kind: "override", override, instead: planned };
    const login = override === undefined ? planned : override.user;
    const replaced = [...(planned === null ? [] : [planned]), ...chain.slice(0, -1).map(({ user }) => user)];
    return { replaced, taken, role: { role: role.name, login, via, asked, shadows: now.shadows[index]! } };
  }

  function plan(role: Role, index: number, passedOver: ReadonlySet<string>) {
    const isFree = (member: string) => !passedOver.has(member);
    const from = role.follow === null ? null : (done[followed[index]!]?.taken ?? null);
    if (role.follow !== null && from !== null) {
      const { offset } = role.follow;
      const planned = from.free.slice(offset).find(isFree) ?? from.free.slice(0, offset).find(isFree);
      const via: Via = { kind: "layer", rotation: from.rotation, follows: role.follow.role };
      if (planned !== undefined) return { planned, via, asked: [], taken: null };
    }
    const asked: LayerAnswer[] = [];
    for (const layer of layersOf[index]!) {
      const { said, busy, free } = answers[layer]!;
      const planned = free.find(isFree);
      if (planned === undefined) {
        asked.push(free.length === 0 ? said : busy);
        continue;
      }
      asked.push(said);
      const via: Via = { kind: "layer", rotation: said.rotation, follows: null };
      return { planned, via, asked, taken: { rotation: said.rotation, free } };
    }
    return { planned: null, via: { kind: "gap" } as const, asked, taken: null };
  }

  return { fill };
}

/**
 * The overrides that lead from the planned person to the one who has the role: of two for the same person the later
 * entry counts, and an override for whoever stands in continues from there. Nobody comes up twice, so that two people
 * who swap their turns stay swapped.
 */
function standIns(planned: string | null, overrides: readonly Override[]): readonly Override[] {
  const first = overrides.findLast((one) => one.for === null || one.for === planned);
  if (first === undefined) return [];
  const lastFor = new Map(overrides.map((one) => [one.for, one]));
  const chain = [first];
  const passed = new Set([planned, first.user]);
  for (
    let next = lastFor.get(first.user);
    next !== undefined && !passed.has(next.user);
    next = lastFor.get(next.user)
  ) {
    chain.push(next);
    passed.add(next.user);
  }
  return chain;
}

function makeAnswer(rotation: Rotation, turn: Turn, away: ReadonlySet<string>): Answer {
  const none = (answer: LayerAnswer["answer"]): Answer => {
    const said: LayerAnswer = { rotation: rotation.name, answer, order: NO_ONE, away: NO_ONE };
    return { said, busy: said, free: NO_ONE };
  };
  if (turn.kind !== "on") return none(turn.kind);
  const first = turn.index % rotation.members.length;
  if (rotation.members[first] === NOBODY) return none("left-open");
  const turns = [...rotation.members.slice(first), ...rotation.members.slice(0, first)];
  const order = [...new Set(turns)].filter((member) => member !== NOBODY);
  const free = order.filter((member) => !away.has(member));
  const said: LayerAnswer = {
    rotation: rotation.name,
    answer: free.length === 0 ? "all-away" : "taken-from",
    order,
    away: order.filter((member) => away.has(member)),
  };
  return { said, busy: { ...said, answer: "all-busy" }, free };
}

/** Whatever is unchanged stays the same object. */
function inForceAt(
  { roles, unavailable, overrides, shadows }: OnCallSchedule,
  at: Instant,
  was: InForce | null,
): InForce {
  let [from, to] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  function isOn(spell: Spell): boolean {
    for (const edge of [spell.from, spell.to]) {
      if (edge <= at) from = Math.max(from, edge);
      else to = Math.min(to, edge);
    }
    return spell.from <= at && at < spell.to;
  }
  const away = new Set(unavailable.filter(isOn).map(({ user }) => user));
  const taken = overrides.filter(isOn);
  const shown = shadows.filter(isOn);
  return {
    away: was !== null && isSameList([...was.away], [...away]) ? was.away : away,
    overrides: roles.map(({ name }, index) => {
      const own = taken.filter(({ role }) => role === name);
      const before = was?.overrides[index];
      return before !== undefined && isSameList(before, own) ? before : own;
    }),
    shadows: roles.map(({ name }, index) => {
      const own = [...new Set(shown.filter(({ role }) => role === name).map(({ user }) => user))];
      const before = was?.shadows[index];
      return before !== undefined && isSameList(before, own) ? before : own;
    }),
    from: from as Instant,
    to: to as Instant,
  };
}

function isSameList<Item>(one: readonly Item[], other: readonly Item[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
