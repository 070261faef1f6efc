import type { KnownAlert } from "../core/alerts/known-alert.ts";
import { pageRowId } from "../core/alerts/own-page.ts";
import type { Repository } from "../core/model.ts";
import type { KnownIncident } from "../store/index-store.ts";
import type { ObserveParts } from "./observe-parts.ts";

/** Only of an incident whose record has a page: others cost no question. */
export async function readPageReports(
  { alerts }: ObserveParts,
  repository: Repository,
  number: number,
  known: KnownIncident | null,
): Promise<readonly KnownAlert[]> {
  if (known?.record?.includes('"paged"') !== true) return [];
  const rows = await Promise.all(
    ["better-stack", "pagerduty"].map((source) => alerts.alert(repository.id, pageRowId(source, number))),
  );
  return rows.filter((row) => row !== null);
}
