import type { AlertSource } from "../core/alerts/alert-change.ts";
import { type AlertState, burningMembers } from "../core/alerts/alert-state.ts";
import { type KnownAlert, MOST_LISTED, MOST_NAMED } from "../core/alerts/known-alert.ts";
import type { Instant } from "../core/model.ts";
import type { AlertFields, AlertStore } from "./alert-store.ts";

const ORDER = { firing: 0, acknowledged: 1, resolved: 2 } as const;

interface Kept {
  readonly alert: KnownAlert;
  readonly changedAt: Instant;
}

/** The alerts in memory. Held to the other engines by test/contract/store.contract.ts. */
export class MemoryAlerts implements AlertStore {
  readonly #alerts = new Map<string, Kept>();
  /** Keys by what is looked up, like the indexes of a database. */
  readonly #opened = new Set<string>();
  readonly #folded = new Set<string>();
  readonly #byIssue = new Map<string, Set<string>>();

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
        // As a database would return it.
        state: JSON.parse(JSON.stringify(after)) as AlertState,
      };
      this.#keep({ alert, changedAt: at });
    }
    return { before, after };
  }

  async save(repositoryId: number, id: string, fields: AlertFields) {
    const known = this.#alerts.get(`${repositoryId}/${id}`);
    if (known !== undefined) this.#keep({ ...known, alert: { ...known.alert, ...fields } });
  }

  async reserveOpening(repositoryId: number, id: string, at: Instant, most: number) {
    const taken = this.#of(repositoryId, this.#opened).filter(
      ({ alert }) => alert.id !== id && alert.openingAt !== null && alert.openingAt > at - 3_600_000,
    );
    if (taken.length >= most) return false;
    await this.save(repositoryId, id, { openingAt: at });
    return true;
  }

  async ofIncident(repositoryId: number, issue: number) {
    const own = this.#of(repositoryId, this.#byIssue.get(`${repositoryId}#${issue}`) ?? [])
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
      named: own
        .filter(({ state }) => state.status !== "resolved")
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, MOST_NAMED)
        .map(({ state }) => state.title),
      firing: count("firing"),
      acknowledged: count("acknowledged"),
      resolved: count("resolved"),
    };
  }

  async holding(repositoryId: number, source: AlertSource, endpoint: string, members: readonly string[]) {
    const wanted = new Set(members);
    const own: KnownAlert[] = [];
    for (const { alert } of this.#alerts.values()) {
      const { state } = alert;
      if (alert.repositoryId === repositoryId && state.source === source && state.endpoint === endpoint)
        own.push(alert);
    }
    return own
      .map(({ id, state }) => ({
        id,
        members: burningMembers(state)
          .flatMap((one) => (wanted.has(one.id) ? [one.id] : []))
          .toSorted(),
      }))
      .filter((one) => one.members.length > 0)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  async folded(repositoryId: number, severity: string) {
    return this.#of(repositoryId, this.#folded).filter(({ alert }) => alert.folded === severity).length;
  }

  async giveFolded(repositoryId: number, severity: string, issue: number) {
    for (const { alert } of this.#of(repositoryId, this.#folded)) {
      if (alert.folded === severity) await this.save(repositoryId, alert.id, { issue });
    }
  }

  async forgetQuiet(before: Instant) {
    for (const [key, { alert, changedAt }] of this.#alerts) {
      if (alert.state.status === "resolved" && changedAt < before) this.#alerts.delete(key);
    }
  }

  forgetRepository(repositoryId: number): void {
    for (const kept of [this.#opened, this.#folded]) {
      for (const key of kept) if (key.startsWith(`${repositoryId}/`)) kept.delete(key);
    }
    for (const place of this.#byIssue.keys()) if (place.startsWith(`${repositoryId}#`)) this.#byIssue.delete(place);
    for (const key of this.#alerts.keys()) if (key.startsWith(`${repositoryId}/`)) this.#alerts.delete(key);
  }

  #keep(kept: Kept): void {
    const { repositoryId, id, issue, folded, openingAt } = kept.alert;
    const key = `${repositoryId}/${id}`;
    const before = this.#alerts.get(key)?.alert.issue ?? null;
    if (before !== null && before !== issue) this.#byIssue.get(`${repositoryId}#${before}`)?.delete(key);
    if (issue !== null) {
      const place = `${repositoryId}#${issue}`;
      this.#byIssue.set(place, (this.#byIssue.get(place) ?? new Set()).add(key));
    }
    const mark = (set: Set<string>, belongs: boolean) => (belongs ? set.add(key) : set.delete(key));
    mark(this.#folded, folded !== null && issue === null);
    mark(this.#opened, openingAt !== null);
    this.#alerts.set(key, kept);
  }

  #of(repositoryId: number, keys: Iterable<string>): readonly Kept[] {
    return [...keys].flatMap((key) => {
      const kept = this.#alerts.get(key);
      return kept?.alert.repositoryId === repositoryId ? [kept] : [];
    });
  }
}
