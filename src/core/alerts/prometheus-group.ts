import { z } from "zod";
import type { AlertChange, Grouping, Normalised } from "./alert-change.ts";
import { boundedKey, firstOf, latest, payloadFields, severityWord } from "./payload-fields.ts";

const { Address, Id, Labels, text, When } = payloadFields;

/** More alerts than this in one delivery are not read apart: a group of that size is one alert. */
const MAX_APART = 100;

const Member = z.object({
  status: z.string().catch("firing"),
  labels: Labels,
  annotations: Labels,
  startsAt: When,
  endsAt: When,
  generatorURL: Address,
  fingerprint: text(128),
});

const Payload = z.object({
  groupKey: Id,
  status: z.enum(["firing", "resolved"]),
  groupLabels: Labels,
  commonLabels: Labels,
  commonAnnotations: Labels,
  externalURL: Address,
  title: text(200),
  alerts: z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((members) => (members ?? []).flatMap((member) => Member.safeParse(member).data ?? [])),
});
type Group = z.output<typeof Payload>;
type Member = z.output<typeof Member>;

/**
 * A group of alerts as Prometheus Alertmanager sends it (version 4) and Grafana after it.
 *
 * The group is resolved when all of its alerts are. Repeats of a group that goes on firing say nothing new.
 */
export function normalisePrometheusGroup(payload: unknown, grouping: Grouping, product: string): Normalised {
  const group = Payload.safeParse(payload).data;
  if (group === undefined) {
    return { kind: "problem", message: `This is not a webhook of ${product}: groupKey and status are missing.` };
  }
  const apart = grouping === "each" && group.alerts.length > 0 && group.alerts.length <= MAX_APART;
  return { kind: "changes", changes: apart ? group.alerts.map((one) => ofMember(one)) : [ofGroup(group)] };
}

function ofGroup(group: Group): AlertChange {
  const { commonLabels, commonAnnotations, alerts } = group;
  const firing = alerts.filter((one) => one.status === "firing");
  const names = alerts.map((one) => one.labels["alertname"] ?? null);
  const count = group.status === "firing" && firing.length > 1 ? ` (${firing.length} alerts)` : "";
  const title = firstOf(
    [commonAnnotations["summary"], commonLabels["alertname"], group.title, ...names],
    "Alert without a name",
  );
  return {
    change: group.status === "firing" ? "fired" : "resolved",
    key: group.groupKey,
    externalId: null,
    at: group.status === "firing" ? latest(firing.map((one) => one.startsAt)) : latest(alerts.map((one) => one.endsAt)),
    order: "start",
    title: `${title.slice(0, 180)}${count}`,
    summary: firstOf([commonAnnotations["description"], ...alerts.map((one) => one.annotations["description"])], ""),
    severity: severityWord(firstOf([commonLabels["severity"], ...firing.map((one) => one.labels["severity"])], "")),
    url: alerts[0]?.generatorURL ?? group.externalURL,
    actor: null,
    labels: { ...group.groupLabels, ...commonLabels },
  };
}

function ofMember(member: Member): AlertChange {
  const { labels, annotations } = member;
  const sorted = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const identity = member.fingerprint ?? JSON.stringify(sorted);
  const firing = member.status === "firing";
  return {
    change: firing ? "fired" : "resolved",
    key: boundedKey(`alert:${identity}`),
    externalId: null,
    at: firing ? member.startsAt : member.endsAt,
    order: "start",
    title: firstOf([annotations["summary"], labels["alertname"]], "Alert without a name"),
    summary: annotations["description"] ?? "",
    severity: severityWord(labels["severity"]),
    url: member.generatorURL,
    actor: null,
    labels,
  };
}
