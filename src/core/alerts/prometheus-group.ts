import { createHash } from "node:crypto";
import * as z from "zod";
import {
  type AlertChange,
  type AlertLink,
  type Grouping,
  IGNORED,
  type MemberReport,
  type Normalized,
  UNSAID,
} from "./alert-change.ts";
import { boundedKey, cut, cutAtWord, firstOf, latest, payloadFields, severityWord } from "./payload-fields.ts";

const { Address, Annotations, Id, Labels, text, When } = payloadFields;

/** When a delivery has more alerts than this, they are not read separately: a group of that size is one alert. */
const MAX_APART = 100;
const MAX_LINKS = 6;
const MAX_NOTES = 8;

const Member = z.object({
  status: z.enum(["firing", "resolved"]).nullable().catch(null),
  labels: Labels,
  annotations: Annotations,
  startsAt: When,
  endsAt: When,
  generatorURL: Address,
  fingerprint: text(128),
  // Grafana's own.
  dashboardURL: Address,
  panelURL: Address,
  silenceURL: Address,
});

const Payload = z.object({
  groupKey: Id,
  status: z.enum(["firing", "resolved"]),
  receiver: text(200),
  groupLabels: Labels,
  commonLabels: Labels,
  commonAnnotations: Annotations,
  externalURL: Address,
  title: text(200),
  truncatedAlerts: z.int().min(0).catch(0),
  alerts: z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((members) => (members ?? []).flatMap((member) => Member.safeParse(member).data ?? [])),
});
type Group = z.output<typeof Payload>;
type Member = z.output<typeof Member>;
type Texts = Readonly<Record<string, string>>;

/** Annotations that are links by convention, and Grafana's fields. The first of each name counts. */
const LINKS: readonly (readonly [name: string, label: string])[] = [
  ["runbook_url", "Runbook"],
  ["runbook", "Runbook"],
  ["dashboard_url", "Dashboard"],
  ["dashboard", "Dashboard"],
];
const DESCRIBED: ReadonlySet<string> = new Set(["summary", "description", "message"]);

/**
 * A group of alerts as Prometheus Alertmanager sends it (version 4), and Grafana in the same form.
 *
 * The alert is the group: its grouping labels and the receiver, which both products document; not `groupKey`, which
 * changes when somebody writes a matcher of the route differently. Its members are told apart by their fingerprints.
 */
export function normalizePrometheusGroup(payload: unknown, grouping: Grouping, product: string): Normalized {
  const group = Payload.safeParse(payload).data;
  if (group === undefined) {
    return { kind: "problem", message: `This is not a webhook of ${product}: groupKey and status are missing.` };
  }
  if (isTest(group)) return IGNORED;
  const apart = grouping === "each" && group.alerts.length > 0 && group.alerts.length <= MAX_APART;
  const changes = apart ? group.alerts.map((one) => ofMember(one, group)) : [ofGroup(group)];
  return { kind: "changes", changes };
}

/** What Grafana sends when somebody presses "Test" at a contact point. */
function isTest({ alerts, commonLabels }: Group): boolean {
  const only = alerts.length === 1 ? alerts[0] : undefined;
  return (
    commonLabels["alertname"] === "TestAlert" &&
    commonLabels["instance"] === "Grafana" &&
    only?.annotations["summary"] === "Notification test"
  );
}

function ofGroup(group: Group): AlertChange {
  const { commonLabels, commonAnnotations, alerts } = group;
  const burning = alerts.filter((one) => statusOf(one, group) === "firing");
  const shown = burning.length > 0 ? burning : alerts;
  const [only] = shown.length === 1 ? shown : [];
  const annotations = only?.annotations ?? commonAnnotations;
  const labels = only?.labels ?? commonLabels;
  const names = shown.map((one) => ruleName(one.labels));
  return {
    ...UNSAID,
    change: burning.length > 0 || (alerts.length === 0 && group.status === "firing") ? "fired" : "resolved",
    key: boundedKey(`group:${JSON.stringify([group.receiver ?? "", sorted(group.groupLabels)])}`),
    aliases: [group.groupKey],
    externalId: null,
    at: burning.length > 0 ? latest(burning.map((one) => one.startsAt)) : latest(alerts.map((one) => one.endsAt)),
    order: "start",
    title: cut(
      firstOf([annotations["summary"], commonAnnotations["summary"], ruleName(labels), group.title, ...names], NO_NAME),
      200,
    ),
    summary: cutAtWord(firstOf([describe(annotations), ...shown.map((one) => describe(one.annotations))], ""), 1_000),
    severity: severityWord(labels["severity"]),
    url: shown[0]?.generatorURL ?? group.externalURL,
    actor: null,
    labels: { ...group.groupLabels, ...labels },
    links: linksOf(commonAnnotations, shown),
    notes: notesOf(annotations),
    group: {
      id: createHash("sha256").update(group.groupKey).digest("hex").slice(0, 16),
      members:
        alerts.length > 0
          ? alerts.map((one) => reportOf(one, group))
          : [{ id: "group", status: group.status, name: "", severity: null, startedAt: null, endedAt: null }],
      isWhole: group.truncatedAlerts === 0,
      truncated: group.truncatedAlerts,
    },
  };
}

function ofMember(member: Member, group: Group): AlertChange {
  const { labels, annotations } = member;
  const isFiring = statusOf(member, group) === "firing";
  return {
    ...UNSAID,
    change: isFiring ? "fired" : "resolved",
    key: boundedKey(`alert:${identityOf(member)}`),
    externalId: null,
    at: isFiring ? member.startsAt : member.endsAt,
    order: "start",
    title: cut(firstOf([annotations["summary"], ruleName(labels)], NO_NAME), 200),
    summary: cutAtWord(describe(annotations) ?? "", 1_000),
    severity: severityWord(labels["severity"]),
    url: member.generatorURL,
    actor: null,
    labels,
    links: linksOf(annotations, [member]),
    notes: notesOf(annotations),
  };
}

const NO_NAME = "Alert without a name";

/**
 * Grafana calls what could not be measured `DatasourceNoData` or `DatasourceError`, and gives the rule's name beside
 * it.
 */
function ruleName(labels: Texts): string | null {
  const { alertname, rulename } = labels;
  return rulename === undefined || alertname === undefined
    ? (alertname ?? rulename ?? null)
    : `${rulename}: ${alertname}`;
}

function describe(annotations: Texts): string | null {
  return annotations["description"] ?? annotations["message"] ?? null;
}

function reportOf(member: Member, group: Group): MemberReport {
  return {
    id: cut(identityOf(member), 128),
    status: statusOf(member, group),
    name: nameOf(member, group),
    severity: severityWord(member.labels["severity"]),
    startedAt: member.startsAt,
    endedAt: member.endsAt,
  };
}

/** What tells it apart from the others in its group: the labels they do not share. */
function nameOf({ labels }: Member, { commonLabels }: Group): string {
  const own = Object.entries(labels).filter(([name]) => name !== "severity" && !Object.hasOwn(commonLabels, name));
  const words = own.map(([name, value]) => `${name}=${value}`).join(", ");
  const { instance } = labels;
  const only = instance === undefined ? (ruleName(labels) ?? NO_NAME) : `instance=${instance}`;
  return cut(words === "" ? only : words, 120);
}

function statusOf(member: Member, group: Group): "firing" | "resolved" {
  return member.status ?? group.status;
}

function identityOf({ fingerprint, labels }: Member): string {
  if (fingerprint !== null) return fingerprint;
  return createHash("sha256")
    .update(JSON.stringify(sorted(labels)))
    .digest("hex")
    .slice(0, 32);
}

function sorted(labels: Texts): readonly (readonly [string, string])[] {
  return Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function linksOf(annotations: Texts, members: readonly Member[]): readonly AlertLink[] {
  const links = new Map<string, string>();
  const add = (label: string, url: string | null) => {
    if (url !== null && !links.has(label) && links.size < MAX_LINKS) links.set(label, url);
  };
  for (const from of [annotations, ...members.map((one) => one.annotations)]) {
    for (const [name, label] of LINKS) add(label, Address.parse(from[name] ?? null));
  }
  for (const { dashboardURL, panelURL, silenceURL } of members) {
    add("Dashboard", dashboardURL);
    add("Panel", panelURL);
    add("Silence it", silenceURL);
  }
  return [...links].map(([name, url]) => ({ name, url }));
}

/** The other annotations, as they were written. */
function notesOf(annotations: Texts): Readonly<Record<string, string>> {
  const known = new Set(LINKS.map(([name]) => name));
  const other = Object.entries(annotations).filter(
    ([name, value]) =>
      !DESCRIBED.has(name) && !(known.has(name) && Address.parse(value) !== null) && !name.startsWith("__"),
  );
  return Object.fromEntries(other.slice(0, MAX_NOTES).map(([name, value]) => [name, cutAtWord(value, 1_000)]));
}
