import * as z from "zod";
import type { Instant, Repository } from "../../core/model.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import { GitHubClient, type TokenClientOptions } from "./github-client.ts";

const Runs = z.object({
  workflow_runs: z.array(z.object({ created_at: z.string(), run_started_at: z.string().nullish() })),
});

/**
 * When the last scheduled run of a workflow began that ended well ("List workflow runs for a workflow"): whatever changed since, a
 * scheduled run has not seen. `none`: there was none; `untold`: the token may not read runs (`actions: read`).
 *
 * @param file the name of the workflow's file
 */
export async function lastScheduledRun(
  options: TokenClientOptions,
  { installationId, owner, name }: Repository,
  file: string,
): Promise<Instant | "none" | "untold"> {
  const client = new GitHubClient({ ...options, apiUrl: withoutEnd(options.apiUrl, "/") });
  try {
    const { data } = await client.request(
      installationId,
      "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
      { owner, repo: name, workflow_id: file, event: "schedule", status: "success", per_page: 1 },
    );
    const [last] = readAnswer("workflow runs", Runs, data).workflow_runs;
    const at = Date.parse(last?.run_started_at ?? last?.created_at ?? "");
    return Number.isNaN(at) ? "none" : (at as Instant);
  } catch (error) {
    if (error instanceof RefusedError) return "untold";
    throw error;
  }
}
