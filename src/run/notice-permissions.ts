import type { Logger } from "pino";
import { missingPermissions, type Needs } from "../doctor/judge-settings.ts";
import { onPage } from "../doctor/on-page.ts";
import type { GitHubApp, Installation } from "../systems/github/ports.ts";

/**
 * The app, which says in the log what an installation has not accepted yet whenever the installations are listed, as the
 * sweep does. It asks nothing itself. Each lack is said once, and again when it changes; everything else goes on.
 *
 * (A-047)
 */
export function noticePermissions(
  app: GitHubApp,
  needs: Needs["permissions"],
  log: Pick<Logger, "warn" | "info">,
): GitHubApp {
  const said = new Map<number, string>();

  function notice({ id, account, suspended, permissions, url }: Installation): void {
    if (suspended || permissions === undefined) return;
    const missing = missingPermissions(needs, permissions).join(", ");
    const before = said.get(id) ?? "";
    if (missing === before) return;
    said.set(id, missing);
    if (missing === "") {
      log.info({ account }, "All permissions are accepted");
      return;
    }
    log.warn(
      { account, missing, url },
      `Not accepted yet by ${account}: ${missing}. An owner accepts it ${onPage(url ?? null)}; what needs it waits, everything else goes on`,
    );
  }

  return {
    ...app,
    async installations() {
      const found = await app.installations();
      for (const installation of found) notice(installation);
      return found;
    },
  };
}
