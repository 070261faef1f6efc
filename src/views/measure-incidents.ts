import { readJson } from "../core/read-json.ts";
import type { Entry } from "../core/record/entry.ts";
import { fold, type History } from "../core/record/history.ts";
import { IncidentRecord } from "../core/record/record.ts";
import { isReset, measuredMoments } from "../core/report/measured-moments.ts";
import { MEASURES, type Measure } from "../core/report/report.ts";
import type { IndexStore } from "../store/index-store.ts";

/** That something has happened to an incident for which it is measured how long it took. */
export interface Measured {
  readonly measure: Measure;
  /** The name of its severity then. */
  readonly severity: string;
  readonly seconds: number;
}

/**
 * The same index, which tells `observe` of each incident that was acknowledged, mitigated, resolved or learned from, when that
 * appears in the copy of its record. Drills are left out. An incident of which nothing was known before, as after the loss of the
 * index, is not told of for what had happened by then. It costs one look into the index for each record that is saved.
 */
export function measuring(index: IndexStore, observe: (measured: Measured) => void): IndexStore {
  const saveRecord: IndexStore["saveRecord"] = async (repositoryId, number, over, fields) => {
    const before = fields.record == null ? null : await index.incident(repositoryId, number);
    const isSaved = await index.saveRecord(repositoryId, number, over, fields);
    if (isSaved) for (const one of newlyMeasured(before?.record ?? null, fields.record ?? null)) observe(one);
    return isSaved;
  };
  return new Proxy(index, {
    get(target, name) {
      if (name === "saveRecord") return saveRecord;
      const method: unknown = Reflect.get(target, name, target);
      return typeof method === "function" ? method.bind(target) : method;
    },
  });
}

/** As often is looked back at most: each look is a fold of the record. */
const MOST_RESETS = 10;

function newlyMeasured(before: string | null, now: string | null): readonly Measured[] {
  const [entries, later] = [entriesOf(before), entriesOf(now)];
  if (entries === null || later === null) return [];
  const is = fold(later);
  if (is.drill !== null || is.cancelled !== null || is.confirmed === "no") return [];
  const has = measuredMoments(is);
  const had = earlier(entries).map(measuredMoments);
  return MEASURES.flatMap((measure) => {
    const at = has[measure];
    if (at === null || had.some((moments) => moments[measure] !== null)) return [];
    return [{ measure, severity: is.severity, seconds: Math.max(0, at - has.began) / 1_000 }];
  });
}

/** An incident as it was, and before each time that somebody had to take it anew: what had happened then was counted. */
function earlier(entries: readonly Entry[]): readonly History[] {
  const first = entries.findIndex(({ kind }) => kind === "declared");
  const resets = entries.flatMap((entry, at) => (at > first && isReset(entry) ? [at] : [])).slice(-MOST_RESETS);
  return [...resets, entries.length].map((end) => fold(entries.slice(0, end)));
}

function entriesOf(record: string | null): readonly Entry[] | null {
  const entries = readJson(IncidentRecord, record)?.entries;
  return entries?.some(({ kind }) => kind === "declared") ? entries : null;
}
