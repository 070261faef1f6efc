import type { Instant } from "../../src/core/model.ts";
import { open } from "../../src/core/record/seal.ts";
import { makeReport } from "../../src/core/report/make-report.ts";
import type { Report } from "../../src/core/report/report.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time-units.ts";
import { readReportSource } from "../../src/observe/read-report-source.ts";
import { createLook } from "../../src/passes/create-look.ts";
import { MemoryStore } from "../../src/store/memory-store.ts";
import { seededRandom } from "../../testkit/seeded-random.ts";
import { BUILT_IN_TEMPLATES, RECORD_KEYS, Story } from "./story.ts";

const POLICY = `version: 1
report: { every: month }
contributing-factors: [configuration, "missing alert", "change: not reviewed"]
drills: { label: drill }
`;
const ON_CALL = `team: [alice, bob, carol]
rotations:
  first: { start: 2025-01-06, members: [alice, bob, carol] }
roles:
  primary: { layers: [first] }
escalation:
  default: { steps: [{ after: 0m, notify: [primary] }, { after: 30m, notify: [primary] }] }
`;

/** What happened to Sevgate and its surroundings in the year. */
export interface YearOfFaults {
  lostWebhooks: number;
  failedCalls: number;
  lostAnswers: number;
  restarts: number;
  lostDatabases: number;
}

/** A repository after a year of incidents, at rest. */
export interface YearOfARepository {
  readonly story: Story;
  readonly faults: YearOfFaults;
  readonly since: Instant;
  readonly until: Instant;
}

/**
 * Plays a year: incidents of all severities that are acknowledged, mitigated, resolved, learned from, waived, cancelled, reopened, put
 * right and left open, and drills; while webhooks get lost, GitHub fails, answers get lost, and Sevgate is restarted and loses its
 * database. The same for the same seed.
 *
 * @param days how long the year is
 */
export async function playYear(count: number, seed: number, days = 365): Promise<YearOfARepository> {
  const random = seededRandom(seed);
  const story = await Story.begin({ policy: POLICY });
  const since = story.clock.now();
  story.github.setRole("carol", "triage");
  story.github.as("alice").push("On call", { ".github/sevgate/on-call.yml": ON_CALL });
  await story.settle();
  const faults: YearOfFaults = { lostWebhooks: 0, failedCalls: 0, lostAnswers: 0, restarts: 0, lostDatabases: 0 };
  const todo: { at: number; act: () => Promise<void> }[] = [];
  const later = (ms: number, act: () => Promise<void>) => todo.push({ at: story.clock.now() + ms, act });
  const duration = (half: number) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.floor(half * Math.exp(normal));
  };
  const people = ["alice", "bob", "carol"] as const;
  const somebody = () => people[Math.floor(random() * people.length)]!;

  /** Does something while something goes wrong, now and then. */
  const amid = async (act: () => Promise<unknown>) => {
    const kind = random();
    if (kind < 0.05) {
      story.listens = false;
      faults.lostWebhooks += 1;
    } else if (kind < 0.1) {
      story.github.faults.fail({ nth: 1 + Math.floor(random() * 6) });
      faults.failedCalls += 1;
    } else if (kind < 0.15) {
      story.github.faults.fail({ kind: "write", nth: 1 + Math.floor(random() * 3), when: "after" });
      faults.lostAnswers += 1;
    } else if (kind < 0.17) {
      story.restart();
      faults.restarts += 1;
    }
    await act();
    story.github.faults.clear();
    story.listens = true;
  };

  const incident = async () => {
    const severity = ["sev:P0", "sev:P1", "sev:P1", "sev:P2", "sev:P2"][Math.floor(random() * 5)]!;
    const isDrill = random() < 0.04;
    const declared = story.github.as(somebody()).openIssue({
      title: `Something is down, ${Math.floor(random() * 1_000)}`,
      body: "It started at nine.",
      labels: isDrill ? [severity, "drill"] : [severity],
    });
    const { number } = declared;
    await story.settle();
    const ending = random();
    const ack = duration(6 * MINUTE_MS);
    const mitigate = ack + duration(40 * MINUTE_MS);
    const resolve = mitigate + duration(2 * HOUR_MS);
    if (ending > 0.98) return;
    later(ack, async () => void (await story.say(somebody(), number, "/ack")));
    if (ending > 0.96) return;
    if (ending > 0.92) {
      later(mitigate, async () => void (await story.say("alice", number, "/cancel a false alarm")));
      return;
    }
    later(mitigate, async () => void (await story.say(somebody(), number, "/mitigate turned it off")));
    later(resolve, async () => void (await story.say(somebody(), number, "/resolve turned it on again")));
    if (random() < 0.1) {
      later(
        resolve + HOUR_MS,
        async () => void (await story.say("bob", number, "/time detected 2m ago nobody looked")),
      );
    }
    if (ending > 0.89) return;
    if (ending > 0.82) {
      const command = random() < 0.5 ? "/waive 20d later" : "/waive known, nothing to learn";
      later(resolve + 2 * HOUR_MS, async () => void (await story.say("alice", number, command)));
      if (random() < 0.5) return;
    }
    const learn = resolve + duration(2 * DAY_MS);
    if (random() < 0.1) {
      // Too early: it is opened again.
      later(resolve + HOUR_MS, async () => {
        if (story.github.issue(number).state === "open") story.github.as("bob").close(number);
        await story.settle();
      });
    }
    later(learn, async () => void (await story.say(somebody(), number, "/postmortem")));
    later(learn + HOUR_MS, async () => {
      const link = story.history(number).links.find(({ evidence }) => evidence === "post-mortem");
      if (link === undefined) return;
      await story.fillPostMortem(link.target.number);
      const { body } = story.github.issue(link.target.number);
      const boxes = random();
      const ticked = body.replace(
        boxes < 0.3 ? "- [ ] configuration" : boxes < 0.6 ? "- [ ] missing alert" : "- [ ] change: not reviewed",
        (box) => box.replace("[ ]", "[x]"),
      );
      story.github.as("bob").edit(link.target.number, { body: ticked });
      await story.settle();
    });
    later(learn + 2 * HOUR_MS, async () => {
      if (story.github.issue(number).state === "open") story.github.as("alice").close(number);
      await story.settle();
    });
  };

  const step = (days * DAY_MS) / count;
  for (let index = 0; index < count; index += 1) {
    todo.push({ at: since + Math.floor((index + random()) * step), act: incident });
  }
  // What a server does by itself: the sweep finds what no webhook told.
  for (let day = 1; day <= days; day += 1) {
    todo.push({
      at: since + day * DAY_MS,
      act: async () => {
        story.hint({ kind: "repository", repository: story.repository });
        await story.settle();
      },
    });
  }
  todo.push({
    at: since + Math.floor(days / 2) * DAY_MS,
    act: async () => {
      story.restart({ database: "lost" });
      faults.lostDatabases += 1;
      story.hint({ kind: "repository", repository: story.repository });
      await story.settle();
    },
  });
  while (todo.length > 0) {
    todo.sort((a, b) => a.at - b.at);
    const { at, act } = todo.shift()!;
    if (at > since + days * DAY_MS) break;
    await story.advance(Math.max(0, at - story.clock.now()));
    await amid(act);
  }
  story.hint({ kind: "repository", repository: story.repository });
  await story.advance(DAY_MS);
  return { story, faults, since, until: (since + days * DAY_MS) as Instant };
}

/** The report of the year, with what Sevgate keeps, or from GitHub alone. */
export async function reportOfYear(
  { story, since, until }: Pick<YearOfARepository, "story" | "since" | "until">,
  from: "store" | "github",
): Promise<Report> {
  const store =
    from === "github" ? new MemoryStore() : { index: story.index, alerts: story.alerts, pages: story.pages };
  const look = createLook({
    index: store.index,
    alerts: store.alerts,
    pages: store.pages,
    chat: null,
    github: story.github,
    clock: story.clock,
    openRecord: (body, place) => open(body, place, RECORD_KEYS),
    templates: BUILT_IN_TEMPLATES,
  });
  const period = { since, until };
  const source = await readReportSource(await look(), story.repository, period, true);
  return makeReport([source], period, { open: false, notKnown: [] });
}
