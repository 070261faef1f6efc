import type { AlertFields, AlertStore } from "../../src/alerts/alert-store.ts";
import type { AlertState } from "../../src/core/alerts/alert-state.ts";
import { type KnownAlert, MOST_LISTED } from "../../src/core/alerts/known-alert.ts";
import type { Instant } from "../../src/core/model.ts";

const ORDER = { firing: 0, acknowledged: 1, resolved: 2 } as const;

/** The alerts in memory. Held to the real store by test/alerts/alert-store.test.ts. */
export class MemoryAlerts implements AlertStore {
  readonly #alerts = new Map<string, { alert: KnownAlert; changedAt: Instant }>();

  async alert(repositoryId: number, id: string) {
    return this.#alerts.get(`${repositoryId}/${id}`)?.alert ?? null;
  }

  async report(repositoryId: number, id: string, at: Instant, merge: (known: AlertState | null) => AlertState) {
    const known = this.#alerts.get(`${repositoryId}/${id}`);
    const before = known?.alert.state ?? null;
    const after = merge(before);
    if (after !== before) {
      const alert: KnownAlert = {
        repositoryId,
        id,
        issue: null,
        earlierIssue: null,
        handledAt: null,
        openingAt: null,
        folded: null,
        told: null,
        trouble: null,
        ...known?.alert,
        // As a database gives it back.
        state: JSON.parse(JSON.stringify(after)) as AlertState,
      };
      this.#alerts.set(`${repositoryId}/${id}`, { alert, changedAt: at });
    }
    return { before, after };
  }

  async save(repositoryId: number, id: string, fields: AlertFields) {
    const known = this.#alerts.get(`${repositoryId}/${id}`);
    if (known !== undefined) {
      this.#alerts.set(`${repositoryId}/${id}`, { ...known, alert: { ...known.alert, ...fields } });
    }
  }

  async reserveOpening(repositoryId: number, id: string, at: Instant, most: number) {
    const taken = this.#of(repositoryId).filter(
      ({ alert }) => alert.id !== id && alert.openingAt !== null && alert.openingAt > at - 3_600_000,
    );
    if (taken.length >= most) return false;
    await this.save(repositoryId, id, { openingAt: at });
    return true;
  }

  async ofIncident(repositoryId: number, issue: number) {
    const own = this.#of(repositoryId)
      .filter(({ alert }) => alert.issue === issue)
      .toSorted(
        (a, b) =>
          ORDER[a.alert.state.status] - ORDER[b.alert.state.status] ||
          b.changedAt - a.changedAt ||
          (a.alert.id < b.alert.id ? -1 : 1),
      )
      .map(({ alert }) => alert);
    const count = (status: AlertState["status"]) => own.filter((one) => one.state.status === status).length;
    return {
      listed: own.slice(0, MOST_LISTED),
      firing: count("firing"),
      acknowledged: count("acknowledged"),
      resolved: count("resolved"),
    };
  }

  async folded(repositoryId: number) {
    const counts = new Map<string, number>();
    for (const { alert } of this.#of(repositoryId)) {
      if (alert.folded !== null && alert.issue === null) counts.set(alert.folded, (counts.get(alert.folded) ?? 0) + 1);
    }
    return [...counts]
      .map(([severity, count]) => ({ severity, count }))
      .toSorted((a, b) => (a.severity < b.severity ? -1 : 1));
  }

  async giveFolded(repositoryId: number, issue: number) {
    for (const { alert } of this.#of(repositoryId)) {
      if (alert.folded !== null && alert.issue === null) await this.save(repositoryId, alert.id, { issue });
    }
  }

  async forgetQuiet(before: Instant) {
    for (const [key, { alert, changedAt }] of this.#alerts) {
      if (alert.state.status === "resolved" && changedAt < before) this.#alerts.delete(key);
    }
  }

  #of(repositoryId: number) {
    return [...this.#alerts.values()].filter(({ alert }) => alert.repositoryId === repositoryId);
  }
}
