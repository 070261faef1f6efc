import { missingPermissions, type Needs } from "../../doctor/judge-settings.ts";
import { readNeeds } from "../../run/read-needs.ts";
import { type Answer, at, isDone, listAt, saidBy } from "../answer.ts";
import { type Finding, fails, holds, untold, untoldEach } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/**
 * @param needs        what the manifest (app.yml) asks for
 * @param app          "Get the authenticated app"
 * @param installation "Get a repository installation for the authenticated app"
 */
export function judgeAppEvents(needs: Needs, app: Answer, installation: Answer): readonly Finding[] {
  if (!isDone(app)) return untoldEach(["A-112", "A-047"], saidBy(app));
  const events = listAt(app.data, "events").map(String);
  const noRights = lacks(needs, app);
  const lacking = [...needs.events.filter((event) => !events.includes(event)), ...noRights];
  const count = Object.keys(needs.permissions).length;
  const manifest =
    lacking.length === 0
      ? holds("A-112", `the app has all ${needs.events.length} events and ${count} permissions`)
      : fails("A-112", `the app does not have ${lacking.join(", ")}; it may have been made by hand`);
  if (!isDone(installation)) return [manifest, untold("A-047", `installed there? ${saidBy(installation)}`)];
  const waiting = lacks(needs, installation).filter((right) => !noRights.includes(right));
  // Either way it is as assumed: GitHub tells the two apart, and Sevgate does without what is missing.
  return [
    manifest,
    holds(
      "A-047",
      waiting.length === 0 ? "the owner has accepted everything" : `waits for the owner: ${waiting.join(", ")}`,
    ),
  ];
}

function lacks(needs: Needs, { data }: Answer): readonly string[] {
  return missingPermissions(needs.permissions, (at(data, "permissions") ?? {}) as Needs["permissions"]);
}

export const appEventsProbe: AppProbe = {
  id: "T-4",
  title: "the events and permissions that the app got",
  assumptions: ["A-047", "A-112"],
  needs: "app",
  async run(_scratch, app) {
    const own = await app.whole.ask("GET /app");
    return judgeAppEvents(readNeeds(), own, await app.whole.ask("GET /repos/{owner}/{repo}/installation"));
  },
};
