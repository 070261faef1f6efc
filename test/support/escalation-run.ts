import { derive } from "../../src/core/derive.ts";
import type { CommentFacts, Instant } from "../../src/core/model.ts";
import { permissionKey } from "../../src/core/names.ts";
import type { IncidentObservation, RecordAnswer } from "../../src/core/observation.ts";
import { parseOnCall } from "../../src/core/oncall/parse-on-call.ts";
import type { EscalationRule, OnCallSchedule } from "../../src/core/oncall/schedule.ts";
import type { Action } from "../../src/core/plan/action.ts";
import { after, type Learned, ownComment } from "../../src/core/plan/after.ts";
import { planSteps } from "../../src/core/plan/plan.ts";
import { type Random, seededRandom } from "../../testkit/seeded-random.ts";
import { buildIssue, buildObservation, NINE } from "./build-observation.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const BOT = "sevgate[bot]";
const PEOPLE = ["alice", "bob", "carol", "dave", "erin"] as const;
/** Named in the on-call file, but unknown to GitHub. */
const UNKNOWN = "gone";

/** What one run showed. */
export interface EscalationRun {
  /** Everything that was wrong, in words. */
  readonly wrong: readonly string[];
  /** How late each step that no fault held up was, ms. */
  readonly latenessMs: readonly number[];
  readonly pages: number;
  readonly passes: number;
  /** Passes that died. */
  readonly deaths: number;
}

interface Said {
  readonly at: Instant;
  readonly by: string;
  readonly body: string;
}

/**
 * One incident over some hours, with a random schedule, rule and people, lost hints, outages, and passes that die
 * before or after any of their steps. The same seed plays the same way.
 *
 * What should happen is worked out here a second time, just from what people say.
 */
export function playEscalation(seed: number): EscalationRun {
  return new Run(seededRandom(seed)).play();
}

class Run {
  readonly #random: Random;
  readonly #schedule: OnCallSchedule;
  readonly #words: readonly Said[];
  readonly #outages: readonly { readonly from: number; readonly to: number }[];
  readonly #end: number;
  readonly #wrong: string[] = [];
  readonly #latenessMs: number[] = [];
  #world: IncidentObservation;
  #comments = 0;
  #deaths = 0;
  #passes = 0;
  #lastWhole: number = NINE;
  #recordBefore: RecordAnswer = { kind: "none" };

  constructor(random: Random) {
    this.#random = random;
    this.#schedule = this.#makeSchedule();
    this.#end = NINE + this.#upTo(5) * HOUR_MS + HOUR_MS;
    this.#words = this.#makeWords();
    this.#outages = this.#upTo(3) === 0 ? [] : [this.#outage()];
    this.#world = buildObservation({
      reach: new Map([[UNKNOWN, false]]),
      issue: buildIssue({ labels: ["sev:P1"] }),
      timeline: [{ kind: "labeled", at: NINE, actor: person("bob"), label: "sev:P1", source: null }],
      permissions: new Map(PEOPLE.map((login) => [permissionKey(login), "maintain"])),
      onCall: { schedule: this.#schedule, trouble: null },
    });
  }

  play(): EscalationRun {
    const due = new Set<number>([NINE + this.#ms(3 * SECOND_MS)]);
    for (let sweep = NINE + 10 * MINUTE_MS; sweep < this.#end; sweep += 30 * MINUTE_MS)
      due.add(sweep + this.#ms(MINUTE_MS));
    for (const { at } of this.#words) {
      if (this.#random() < 0.9) due.add(at + this.#ms(3 * SECOND_MS));
      else this.#unheard.push(at);
    }
    let timer: number | null = null;
    for (;;) {
      const now = Math.min(...due, timer ?? Number.POSITIVE_INFINITY);
      if (now > this.#end) break;
      due.delete(now);
      if (timer === now) timer = null;
      const outage = this.#outages.find(({ from, to }) => from <= now && now < to);
      if (outage !== undefined) {
        due.add(outage.to + this.#ms(5 * SECOND_MS));
        continue;
      }
      const ended = this.#pass(now as Instant);
      if (ended === "died") due.add(now + SECOND_MS + this.#ms(15 * SECOND_MS));
      // The queue polls: a timer is a little late.
      else timer = ended === null ? null : Math.max(now + 1, ended) + this.#ms(2 * SECOND_MS);
    }
    this.#judgeDoubles();
    const pages = this.#pageComments().length;
    return { wrong: this.#wrong, latenessMs: this.#latenessMs, pages, passes: this.#passes, deaths: this.#deaths };
  }

  /** When to look again; `died`: before it was over. */
  #pass(now: Instant): Instant | null | "died" {
    this.#passes += 1;
    this.#hear(now);
    const before = this.#pageComments().length;
    this.#recordBefore = this.#world.record;
    const death = this.#random() < 0.12 ? { step: this.#upTo(9), isAfter: this.#random() < 0.5 } : null;
    let seen: IncidentObservation = { ...this.#world, at: now, done: new Set() };
    for (let step = 0; ; step += 1) {
      if (step > 60) throw new Error("a plan does not end");
      const incident = derive(seen);
      const [next] = incident === null ? [] : planSteps(seen, incident);
      if (next === undefined) {
        this.#keep(seen);
        this.#judgePass(now, before);
        return incident?.lookAgainAt ?? null;
      }
      if (death?.step === step && !death.isAfter) return this.#die(seen, now, before);
      seen = after(seen, next.action, this.#answer(seen, next.action));
      if (death?.step === step) return this.#die(seen, now, before);
    }
  }

  #die(seen: IncidentObservation, now: Instant, before: number): "died" {
    this.#deaths += 1;
    this.#keep(seen);
    this.#judgeNew(now, before);
    return "died";
  }

  /** What GitHub keeps: whole seconds, and nothing about the pass. */
  #keep(seen: IncidentObservation): void {
    const labeled = new Set(seen.timeline?.map(({ label }) => label));
    const ours = seen.issue.labels.filter((label) => !labeled.has(label));
    this.#world = {
      ...seen,
      done: new Set(),
      status: seen.status === null ? null : { ...seen.status, isNew: false },
      comments: seen.comments.map((comment) => ({ ...comment, createdAt: wholeSecond(comment.createdAt) })),
      timeline: [
        ...(seen.timeline ?? []),
        ...ours.map((label) => ({ kind: "labeled", at: seen.at, actor: person(BOT), label, source: null }) as const),
      ],
    };
  }

  /** Whatever people have said by now can be read. */
  #hear(now: Instant): void {
    const heard = this.#words.slice(this.#comments).filter(({ at }) => at <= now);
    const comments = heard.map(({ at, by, body }, index): CommentFacts => {
      const id = 100_000 + this.#comments + index;
      return { id, url: "", author: person(by), appId: null, body, createdAt: at, updatedAt: at };
    });
    this.#comments += heard.length;
    this.#world = { ...this.#world, comments: [...this.#world.comments, ...comments] };
  }

  #answer(seen: IncidentObservation, action: Action): Learned {
    const id = 200_000 + seen.comments.length + this.#passes * 100;
    if (action.kind === "comment") {
      return { kind: "comment", comment: { ...ownComment(seen, id, action.marker), body: action.body } };
    }
    if (action.kind === "create-status") return { kind: "comment", comment: ownComment(seen, 99_999, "status") };
    if (action.kind !== "assign") return { kind: "nothing" };
    return { kind: "assignees", logins: [...seen.issue.assignees, action.login] };
  }

  /** After a complete pass, every step whose time has come has been taken. */
  #judgePass(now: Instant, before: number): void {
    this.#judgeNew(now, before);
    const { isNeeded, since, severity, ruleSince } = this.#should(now);
    const held = this.#deathsOrOutagesSince;
    const steps = isNeeded ? this.#times(severity, since).filter((at) => at <= now) : [];
    const taken = lastTaken(this.#world.record, since);
    if (steps.length > 0 && taken < steps.length - 1) {
      this.#wrong.push(`missed: step ${steps.length - 1} of ${since}, after ${taken} at ${now}`);
    }
    const fresh = steps.at(-1);
    const wasTaken = lastTaken(this.#recordBefore, since) >= steps.length - 1;
    const isFresh = fresh !== undefined && fresh > this.#lastWhole && !wasTaken;
    // A comment whose hint was lost is heard by the next pass, whatever that is for.
    const wasUnheard = this.#unheard.some((at) => at > this.#lastWhole && at <= now);
    if (isFresh && !held(fresh, now) && !wasUnheard) this.#latenessMs.push(now - Math.max(fresh, ruleSince));
    this.#lastWhole = now;
  }

  readonly #deathsOrOutagesSince = (from: number, to: number): boolean =>
    this.#outages.some((outage) => outage.to >= from - 5 * SECOND_MS && outage.from <= to) ||
    this.#deathTimes.some((at) => at >= from - 20 * SECOND_MS && at <= to);
  readonly #deathTimes: number[] = [];
  readonly #unheard: number[] = [];

  /** Comments of this pass: never early, and nobody is called after the answer. */
  #judgeNew(now: Instant, before: number): void {
    if (this.#deaths > this.#deathTimes.length) this.#deathTimes.push(now);
    for (const { since, step, isGap } of this.#pageComments().slice(before)) {
      const should = this.#should(now);
      if (!should.isNeeded) this.#wrong.push(`paged although answered: ${since}-${step} at ${now}`);
      else if (since !== should.since) this.#wrong.push(`paged for an old episode: ${since}-${step} at ${now}`);
      const at = this.#times(should.severity, since)[step] ?? Number.POSITIVE_INFINITY;
      const isBroughtForward = isGap || this.#pageComments().some((one) => one.since === since && one.isGap);
      if (now < at && !isBroughtForward) this.#wrong.push(`early: ${since}-${step} at ${now}, due ${at}`);
    }
  }

  /** Nobody is mentioned twice in one round of one episode, and no comment exists twice. */
  #judgeDoubles(): void {
    const seen = new Map<string, number>();
    for (const { since, step, mentions, severity, isNobody } of this.#pageComments()) {
      const round = Math.floor(step / this.#ruleOf(severity).steps.length);
      const names = isNobody ? [`nobody in step ${step}`] : mentions;
      for (const name of names) {
        const key = `${name} of ${since} in round ${round} of ${severity}`;
        seen.set(key, (seen.get(key) ?? 0) + 1);
      }
    }
    for (const [key, count] of seen) if (count > 1) this.#wrong.push(`doubled: ${key}, ${count} times`);
  }

  #pageComments() {
    return this.#world.comments.flatMap((comment) => {
      const [, nobody, since, step] = /\n<!-- sevgate:page-(nobody-)?(\d+)-(\d+) -->$/.exec(comment.body) ?? [];
      if (since === undefined || step === undefined || comment.author?.login !== BOT) return [];
      const severity = /\b(P[01])\b/.exec(comment.body)?.[1] ?? "P1";
      const mentions = (comment.body.match(/(?<![\w`])@[\w-]+/g) ?? []).map((one) => one.slice(1));
      const isGap = /Nobody is|no role here/.test(comment.body);
      return [{ since: Number(since), step: Number(step), mentions, severity, isGap, isNobody: nobody !== undefined }];
    });
  }

  /** What should be the case at `now`, just from what people have said. */
  #should(now: number): {
    readonly isNeeded: boolean;
    readonly since: number;
    readonly severity: string;
    readonly ruleSince: number;
  } {
    let [isNeeded, since, severity, isOver, isAcked] = [true, NINE as number, "P1", false, false];
    let ruleSince: number = NINE;
    let lowered: { readonly from: string; readonly at: number } | null = null;
    for (const { at, body } of this.#words) {
      if (at > now) break;
      if (body === "/ack") isAcked = true;
      if (body === "/unack" && isAcked) [isAcked, since] = [false, at];
      if (body === "/mitigate") isOver = true;
      const to = /^\/severity (P\d)/.exec(body)?.[1];
      if (to !== undefined && to !== severity) {
        const isRaise = to < severity;
        const isBack: boolean = lowered !== null && lowered.from === to && at - lowered.at < 5 * MINUTE_MS;
        if (isRaise && !isAcked && !isBack) since = at;
        if (!isRaise) lowered = { from: severity, at };
        severity = to;
        ruleSince = at;
      }
    }
    isNeeded = !isAcked && !isOver;
    return { isNeeded, since, severity, ruleSince };
  }

  /** When the steps of a rule are due, including repetitions. */
  #times(severity: string, since: number): readonly number[] {
    const { steps, repeat } = this.#ruleOf(severity);
    const times: number[] = [];
    let begin = since;
    for (let round = 0; round <= (repeat?.times ?? 0); round += 1) {
      for (const { after: wait } of steps) times.push(begin + wait);
      begin += steps.at(-1)!.after - steps[0]!.after + (repeat?.every ?? 0);
    }
    return times;
  }

  #ruleOf(severity: string): EscalationRule {
    return this.#schedule.escalation.get(severity) ?? this.#schedule.escalation.get("default")!;
  }

  #makeSchedule(): OnCallSchedule {
    const pick = (count: number) => [...PEOPLE, UNKNOWN].toSorted(() => this.#random() - 0.5).slice(0, count);
    const zone = this.#one(["Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]);
    const rotation = (name: string) => {
      const shift = this.#one(["1h", "2h", "4h", "6h", "1d"]);
      const window =
        this.#random() < 0.3 ? `, restrictions: [{ from: "0${this.#upTo(10)}:00", to: "1${this.#upTo(10)}:30" }]` : "";
      const handoff = `${String(this.#upTo(24)).padStart(2, "0")}:${this.#one(["00", "15", "40"])}`;
      const members = pick(1 + this.#upTo(3)).join(", ");
      return `  ${name}: { zone: ${zone}, start: 2025-12-${10 + this.#upTo(20)}, handoff: "${handoff}", shift: ${shift}, members: [${members}]${window} }`;
    };
    const rule = () => {
      const count = 1 + this.#upTo(4);
      let after = this.#upTo(2) * this.#upTo(10);
      const steps = Array.from({ length: count }, (_, index) => {
        const step = `{ after: ${after}m, notify: [${this.#one([["primary"], ["secondary"], ["primary", "secondary"], ["team"]]).join(", ")}] }`;
        after += this.#upTo(25) + (index === 0 ? 1 : 0);
        return step;
      });
      const repeat =
        this.#random() < 0.5 ? `, repeat: { every: ${5 + this.#upTo(40)}m, times: ${1 + this.#upTo(3)} }` : "";
      return `{ steps: [${steps.join(", ")}]${repeat} }`;
    };
    const text = [
      `team: [${pick(this.#upTo(5)).join(", ")}]`,
      "rotations:",
      ...["a", "b", "c"].map(rotation),
      "roles:",
      "  primary: { layers: [a] }",
      `  secondary: { ${this.#random() < 0.5 ? "follow: primary, offset: 1, " : ""}layers: [b, c] }`,
      "escalation:",
      `  P0: ${rule()}`,
      `  default: ${rule()}`,
      `people: { ${PEOPLE.map((login) => `${login}: {}`).join(", ")} }`,
    ].join("\n");
    const parsed = parseOnCall(text);
    if (parsed.kind === "invalid") throw new Error(`${JSON.stringify(parsed.problems)}\n${text}`);
    return parsed.schedule;
  }

  #makeWords(): readonly Said[] {
    const bodies = [
      "/ack",
      "/ack",
      "/unack",
      "/unack",
      "/severity P0",
      "/severity P1",
      "/severity P2",
      "looking",
      "/mitigate",
    ];
    const words = Array.from({ length: this.#upTo(7) }, () => {
      const at = wholeSecond((NINE + SECOND_MS + this.#ms(this.#end - NINE - MINUTE_MS)) as Instant);
      return { at, by: this.#one(PEOPLE), body: this.#one(bodies) };
    });
    return words.toSorted((a, b) => a.at - b.at).filter(({ at }, index, all) => all[index - 1]?.at !== at);
  }

  #outage() {
    const from = NINE + this.#ms(this.#end - NINE);
    return { from, to: from + this.#ms(2 * HOUR_MS) };
  }

  #upTo(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #ms(most: number): number {
    return Math.floor(this.#random() * most);
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#upTo(items.length)]!;
  }
}

/** The last step that a record knows about; -1: none. */
function lastTaken(answer: RecordAnswer, since: number): number {
  const entries = answer.kind === "found" ? answer.record.entries : [];
  return entries.reduce(
    (last, entry) => (entry.kind === "paged" && entry.episode === since ? Math.max(last, entry.step ?? -1) : last),
    -1,
  );
}

function wholeSecond(at: Instant): Instant {
  return (Math.floor(at / SECOND_MS) * SECOND_MS) as Instant;
}

function person(login: string) {
  return { id: 5, login, isBot: login === BOT };
}
