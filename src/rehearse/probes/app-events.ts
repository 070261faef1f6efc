import { type Answer, at, isDone, listAt, saidBy } from "../answer.ts";
import { type Finding, fails, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** What the manifest (app.yml) asks for; test/rehearse/probes.test.ts holds the two together. */
export const MANIFEST = {
  events: [
    "issues",
    "issue_comment",
    "sub_issues",
    "label",
    "pull_request",
    "merge_group",
    "workflow_run",
    "push",
    "repository",
  ],
  permissions: {
    metadata: "read",
    issues: "write",
    pull_requests: "write",
    checks: "write",
    contents: "write",
    merge_queues: "read",
    deployments: "read",
    statuses: "write",
    actions: "read",
  },
} as const;

/**
 * @param app          "Get the authenticated app"
 * @param installation "Get a repository installation for the authenticated app"
 */
export function judgeAppEvents(app: Answer, installation: Answer): readonly Finding[] {
  if (!isDone(app)) return [untold("A-112", saidBy(app)), untold("A-047", saidBy(app))];
  const events = listAt(app.data, "events").map(String);
  const noEvents = MANIFEST.events.filter((event) => !events.includes(event));
  const asked = Object.entries(MANIFEST.permissions);
  const has = (answer: Answer, name: string, right: string) => {
    const granted = at(answer.data, "permissions", name);
    return granted === right || granted === "write";
  };
  const noRights = asked.filter(([name, right]) => !has(app, name, right)).map(([name, right]) => `${name}: ${right}`);
  const lacking = [...noEvents, ...noRights];
  const manifest =
    lacking.length === 0
      ? told("A-112", true, `the app has all ${MANIFEST.events.length} events and ${asked.length} permissions`)
      : fails("A-112", `the app does not have ${lacking.join(", ")}; it may have been made by hand`);
  if (!isDone(installation)) return [manifest, untold("A-047", `installed there? ${saidBy(installation)}`)];
  const notAccepted = asked.filter(([name, right]) => has(app, name, right) && !has(installation, name, right));
  const waiting = notAccepted.map(([name, right]) => `${name}: ${right}`).join(", ");
  // Either way it is as assumed: GitHub tells the two apart, and Sevgate does without what is missing.
  return [
    manifest,
    told("A-047", true, waiting === "" ? "the owner has accepted everything" : `waits for the owner: ${waiting}`),
  ];
}

export const appEventsProbe: AppProbe = {
  id: "T-4",
  title: "the events and permissions that the app got",
  assumptions: ["A-047", "A-112"],
  needs: "app",
  async run(_scratch, app) {
    const own = await app.whole.ask("GET /app");
    return judgeAppEvents(own, await app.whole.ask("GET /repos/{owner}/{repo}/installation"));
  },
};
