import { type Answer, at, isDone, labelsOf, listAt, numberAt, saidBy, textAt } from "../answer.ts";
import { type Finding, fails, holds, told, untold, untoldEach } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** A webhook as "Get a delivery for an app webhook" tells it. */
export interface Delivery {
  readonly event: string;
  readonly action: string | null;
  readonly deliveredAt: number;
  readonly isRedelivery: boolean;
  /** What the receiver answered. */
  readonly status: number;
  /** Issue or pull request. */
  readonly number: number | null;
  /** When what it is about happened, by the payload; `null`: it does not say. */
  readonly happenedAt: number | null;
  readonly sender: { readonly login: string; readonly type: string } | null;
  readonly labels: readonly string[];
  /** The label of `labeled`. */
  readonly label: string | null;
}

/** How late nine of ten may come. */
const LATE_MS = 30_000;

export function toDelivery(data: unknown): Delivery {
  const payload = at(data, "request", "payload");
  const subject = at(payload, "issue") ?? at(payload, "pull_request");
  const happened = textAt(payload, "comment", "updated_at") ?? textAt(subject, "updated_at");
  const time = (text: string | null) => (text === null || Number.isNaN(Date.parse(text)) ? null : Date.parse(text));
  const login = textAt(payload, "sender", "login");
  return {
    event: textAt(data, "event") ?? "",
    action: textAt(data, "action"),
    deliveredAt: time(textAt(data, "delivered_at")) ?? 0,
    isRedelivery: at(data, "redelivery") === true,
    status: numberAt(data, "status_code") ?? 0,
    number: numberAt(subject, "number"),
    happenedAt: time(happened),
    sender: login === null ? null : { login, type: textAt(payload, "sender", "type") ?? "" },
    labels: labelsOf(subject),
    label: textAt(payload, "label", "name"),
  };
}

/** @param all what was delivered since the rehearsal began, oldest first */
export function judgeDeliveries(
  all: readonly Delivery[],
  incident: number | null,
  botLogin: string,
): readonly Finding[] {
  if (all.length === 0)
    return untoldEach(deliveriesProbe.assumptions, "GitHub lists no deliveries since the beginning");
  const own = all.filter(({ sender }) => sender?.type === "Bot");
  const delays = all.flatMap(({ deliveredAt, happenedAt, isRedelivery }) =>
    happenedAt === null || isRedelivery ? [] : [deliveredAt - happenedAt],
  );
  const late = delays.toSorted((a, b) => a - b);
  const median = late[Math.floor(late.length / 2)] ?? null;
  // Nine of ten: a median says nothing of half of them.
  const most = late[Math.ceil(late.length * 0.9) - 1] ?? 0;
  const slowest = late.at(-1) ?? 0;
  const seconds = (ms: number) => `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const again = all.filter(({ isRedelivery }) => isRedelivery).length;
  const failed = all.filter((one) => !isDone(one)).length;
  return [
    judgeOpened(all, incident),
    own.length === 0
      ? untold("A-061", "none of them is about what the app did")
      : told(
          "A-061",
          own.some(({ sender }) => sender?.login === botLogin),
          `senders: ${[...new Set(own.map(({ sender }) => sender?.login))].join(", ")}`,
        ),
    // A sweep asks GitHub for failed ones again; then they are Sevgate's own.
    failed === 0 && again === 0
      ? untold("A-115", `none of ${all.length} failed, so there was none to repeat`)
      : again === 0
        ? holds("A-115", `${all.length} deliveries, ${failed} failed, none was repeated`)
        : untold("A-115", `${again} were repeated: Sevgate may have asked for it`),
    median === null
      ? untold("A-123", "no payload says when it happened")
      : told(
          "A-123",
          most <= LATE_MS,
          `median ${seconds(median)}, nine of ten within ${seconds(most)}, slowest ${seconds(slowest)}, of ${delays.length}`,
        ),
  ];
}

function judgeOpened(all: readonly Delivery[], incident: number | null): Finding {
  const about = all.filter(({ event, number }) => event === "issues" && number === incident);
  const opened = about.find(({ action }) => action === "opened");
  if (incident === null || opened === undefined)
    return untold("A-050", "no delivery says that the incident was opened");
  const labeled = about.filter(({ action }) => action === "labeled").map(({ label }) => label);
  const wanting = opened.labels.filter((label) => !labeled.includes(label));
  const seen = `opened with ${opened.labels.join(", ") || "no label"}; labeled for ${labeled.join(", ") || "none"}`;
  if (opened.labels.length === 0) return fails("A-050", seen);
  return told("A-050", wanting.length === 0, seen);
}

const MOST_LOOKED_AT = 60;
const MOST_PAGES = 5;

/** Which of them are looked at: those of issues first, as the beginning of the incident is among them; in their order. */
export function worthALook(listed: readonly unknown[], most: number): readonly unknown[] {
  const isOfIssue = (one: unknown) =>
    ["opened", "labeled"].includes(textAt(one, "action") ?? "") && textAt(one, "event") === "issues";
  const chosen = new Set([...listed.filter(isOfIssue), ...listed.filter((one) => !isOfIssue(one))].slice(0, most));
  return listed.filter((one) => chosen.has(one));
}

export const deliveriesProbe: AppProbe = {
  id: "deliveries",
  title: "which webhooks came, in which order, how late",
  assumptions: ["A-050", "A-061", "A-115", "A-123"],
  needs: "app",
  async run({ story, begunAt, owner, name, id }, app) {
    const listed: unknown[] = [];
    let page: Readonly<Record<string, unknown>> | null = { per_page: 100 };
    for (let pages = 0; page !== null && pages < MOST_PAGES; pages += 1) {
      const answer: Answer = await app.whole.ask("GET /app/hook/deliveries", page);
      if (!isDone(answer)) return untoldEach(deliveriesProbe.assumptions, saidBy(answer));
      const recent = listAt(answer.data).filter(
        (one) => Date.parse(textAt(one, "delivered_at") ?? "") >= begunAt - 1_000,
      );
      listed.push(...recent.filter((one) => id === null || (numberAt(one, "repository_id") ?? id) === id));
      const next = /<([^<>]+)>;\s*rel="next"/.exec(answer.headers["link"] ?? "")?.[1] ?? "";
      const cursor = URL.canParse(next) ? new URL(next).searchParams.get("cursor") : null;
      const isAll = recent.length < listAt(answer.data).length || cursor === null;
      page = isAll ? null : { per_page: 100, cursor };
    }
    const all: Delivery[] = [];
    // GitHub lists the newest first.
    for (const one of worthALook(listed.toReversed(), MOST_LOOKED_AT)) {
      const which = { delivery_id: numberAt(one, "id") ?? 0 };
      const whole: Answer = await app.whole.ask("GET /app/hook/deliveries/{delivery_id}", which);
      // The app may be installed elsewhere, too.
      const place = textAt(whole.data, "request", "payload", "repository", "full_name")?.toLowerCase();
      if (isDone(whole) && place === `${owner}/${name}`.toLowerCase()) all.push(toDelivery(whole.data));
    }
    story.webhooks = all.map(({ event, action, deliveredAt, happenedAt, status }) => ({
      name: action === null ? event : `${event}.${action}`,
      atMs: deliveredAt - begunAt,
      delayMs: happenedAt === null ? null : deliveredAt - happenedAt,
      status,
    }));
    return judgeDeliveries(all, story.incident, app.botLogin);
  },
};
