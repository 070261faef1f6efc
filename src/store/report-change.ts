import type { AlertChange, InboundSource } from "../core/alerts/alert-change.ts";
import { type AlertState, alertId } from "../core/alerts/alert-state.ts";
import { mergeChange } from "../core/alerts/merge-change.ts";
import type { Instant, Repository } from "../core/model.ts";
import type { AlertStore } from "./alert-store.ts";

/** The way in through which a change came. */
interface Origin {
  readonly source: InboundSource;
  readonly name: string;
}

/**
 * Merges a change into the alert it is about, of its own endpoint only. Durable when the promise resolves.
 *
 * A group whose name has changed is found by the name it had in an earlier version, and by its members: if one of them is
 * already firing in an alert, the group is that alert. A member that is over is over wherever it was firing.
 *
 * @returns the alerts to look at, the one that was changed first, and what was known of each before (`null`: nothing)
 */
export async function reportChange(
  alerts: Pick<AlertStore, "alert" | "report" | "holding">,
  home: Repository,
  { source, name }: Origin,
  change: AlertChange,
  now: Instant,
): Promise<{ readonly ids: readonly string[]; readonly befores: readonly (AlertState | null)[] }> {
  const own = alertId(source, name, change.key);
  const members = change.group?.members ?? [];
  const held = await alerts.holding(
    home.id,
    source,
    name,
    members.map(({ id }) => id),
  );
  const target = (await burning(own)) ? own : await otherName();
  const first = await put(target, change);
  const ids = [target];
  const befores = [first];
  const { group } = change;
  if (group === null) return { ids, befores };
  for (const { id, members: theirs } of held) {
    const over = members.filter((one) => one.status === "resolved" && theirs.includes(one.id));
    if (id === target || over.length === 0) continue;
    befores.push(await put(id, { ...change, group: { ...group, members: over, isWhole: false } }));
    ids.push(id);
  }
  return { ids, befores };

  async function otherName(): Promise<string> {
    for (const alias of change.aliases) {
      const id = alertId(source, name, alias);
      if (await burning(id)) return id;
    }
    const [most] = held.toSorted((a, b) => b.members.length - a.members.length);
    return most?.id ?? own;
  }

  async function burning(id: string): Promise<boolean> {
    const state = (await alerts.alert(home.id, id))?.state;
    return state !== undefined && state.status !== "resolved";
  }

  async function put(id: string, one: AlertChange): Promise<AlertState | null> {
    const from = { source, endpoint: name };
    return (await alerts.report(home.id, id, now, (known) => mergeChange(known, from, one, now))).before;
  }
}
