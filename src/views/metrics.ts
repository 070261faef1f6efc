import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "../base/clock.ts";
import type { InboundSource } from "../core/alerts/alert-change.ts";
import { concernsUs } from "../ingress/webhooks/hints.ts";
import type { FinishedPass, Queue } from "../queue/queue.ts";
import type { Measured } from "./measure-incidents.ts";

/** How a delivery ended. */
export type DeliveryResult = "queued" | "ignored" | "refused" | "store-failed";

/**
 * How a delivery of an alert ended. `unmatched`: accepted, but it ends or acknowledges an alert that was never
 * reported. `no-policy`: proven, but for an endpoint that the policy of its repository does not name. `no-repository`:
 * proven, but for a repository we cannot see.
 */
export type AlertResult =
  | "queued"
  | "unmatched"
  | "ignored"
  | "not-understood"
  | "no-policy"
  | "no-repository"
  | "refused"
  | "store-failed";

/** What Sevgate counts, for Prometheus. No label contains anybody's name: few values, and no secrets. */
export interface Metrics {
  readonly registry: Registry;
  /** `event` may be any text: what Sevgate does not handle is counted as `other`. */
  countDelivery(event: string | null, result: DeliveryResult): void;
  /** `null`: for a path that is not an endpoint. */
  countAlert(source: InboundSource | null, result: AlertResult): void;
  countPass(pass: FinishedPass): void;
  countRequest(request: { readonly method: string; readonly route: string; readonly status: number }): void;
  countSweep(result: "done" | "failed"): void;
  countRedelivery(): void;
  /** Of the severities, the first 20 keep their names: they come from policies, and others are counted as `other`. */
  countMeasured(measured: Measured): void;
  /** Asked for the depth whenever the metrics are read. */
  watchQueue(queue: Pick<Queue, "depth">): void;
}

/** Each name is 4 times 13 rows for Prometheus. */
const MOST_SEVERITY_NAMES = 20;
/** From a minute to a month, s. */
const INCIDENT_BUCKETS = [60, 300, 900, 1_800, 3_600, 14_400, 28_800, 86_400, 259_200, 604_800, 1_209_600, 2_592_000];

/** Makes a set of metrics with a registry of its own, so that two servers in one process stay separate. */
export function createMetrics(clock: Clock): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const deliveries = new Counter({
    name: "sevgate_deliveries_total",
    help: "Webhook deliveries by event and result.",
    labelNames: ["event", "result"],
    registers,
  });
  let lastDeliveryAt: number | null = null;
  new Gauge({
    name: "sevgate_last_delivery_age_seconds",
    help: "Seconds since the last webhook with a valid signature; -1 before the first.",
    registers,
    collect() {
      this.set(lastDeliveryAt === null ? -1 : (clock.now() - lastDeliveryAt) / 1_000);
    },
  });
  const alerts = new Counter({
    name: "sevgate_alerts_total",
    help: "Reports of alerts by source and result.",
    labelNames: ["source", "result"],
    registers,
  });
  const passes = new Counter({
    name: "sevgate_passes_total",
    help: "Finished passes by kind of key and result.",
    labelNames: ["kind", "result"],
    registers,
  });
  const passDuration = new Histogram({
    name: "sevgate_pass_duration_seconds",
    help: "How long passes took, by kind of key.",
    labelNames: ["kind"],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const requests = new Counter({
    name: "sevgate_github_requests_total",
    help: "Answered requests to GitHub by method, route and status.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const sweeps = new Counter({
    name: "sevgate_sweeps_total",
    help: "Sweeps through all repositories and failed deliveries, by result.",
    labelNames: ["result"],
    registers,
  });
  const redeliveries = new Counter({
    name: "sevgate_redeliveries_total",
    help: "Failed deliveries that GitHub was asked to send again.",
    registers,
  });
  const incidents = new Histogram({
    name: "sevgate_incident_time_seconds",
    help: "How long it took until incidents were acknowledged, mitigated, resolved and learned from, by severity.",
    labelNames: ["measure", "severity"],
    buckets: INCIDENT_BUCKETS,
    registers,
  });
  const severities = new Set<string>();
  return {
    registry,
    countDelivery(event, result) {
      deliveries.inc({ event: event !== null && concernsUs(event) ? event : "other", result });
      if (result !== "refused") lastDeliveryAt = clock.now();
    },
    countAlert(source, result) {
      alerts.inc({ source: source ?? "none", result });
    },
    countPass({ key, result, tookMs }) {
      passes.inc({ kind: key.kind, result });
      passDuration.observe({ kind: key.kind }, tookMs / 1_000);
    },
    countRequest({ method, route, status }) {
      requests.inc({ method, route, status });
    },
    countSweep(result) {
      sweeps.inc({ result });
    },
    countRedelivery() {
      redeliveries.inc();
    },
    countMeasured({ measure, severity, seconds }) {
      if (severities.size < MOST_SEVERITY_NAMES) severities.add(severity);
      incidents.observe({ measure, severity: severities.has(severity) ? severity : "other" }, seconds);
    },
    watchQueue(queue) {
      new Gauge({
        name: "sevgate_queue_keys",
        help: "Keys in the queue: waiting, running, and set aside after failing too often.",
        labelNames: ["state"],
        registers,
        async collect() {
          // A store that does not answer shows in /readyz; the other metrics are still worth having.
          const depth = await queue.depth().catch(() => null);
          this.reset();
          if (depth === null) return;
          this.set({ state: "waiting" }, depth.waiting);
          this.set({ state: "running" }, depth.running);
          this.set({ state: "set-aside" }, depth.setAside);
        },
      });
    },
  };
}
