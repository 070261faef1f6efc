import { isNewerThanKnown, versionNumber } from "../systems/github/enterprise-server.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

/** What an Enterprise Server up to 3.19 does not have, and what is done without it. */
const ABSENT_UP_TO_3_19 = [
  "sub-issues (action items are linked in a list instead)",
  "pinned comments (the status comment is not on top)",
  "issue types (`issue-type` of the policy does nothing)",
  "dated versions of the API (the first one is used)",
] as const;
/** The oldest version whose description was looked through. */
const OLDEST = "3.17";

/**
 * Which GitHub it is, and what switches itself off there.
 *
 * @param version of an Enterprise Server, as it says itself (`3.17.2`); `null`: it does not say
 * @param apiVersion the newest version of the API that is asked for
 */
export function judgeServer(apiUrl: string, version: string | null, apiVersion: string): Finding {
  const check = "GitHub";
  const { hostname } = new URL(apiUrl);
  if (version === null) return ok(check, `${hostname}, version ${apiVersion} of its API at most`);
  const says = `Enterprise Server ${version} at ${hostname}`;
  if (isNewerThanKnown(version)) return ok(check, `${says}; what it lacks switches itself off`);
  const off = `switched off there: ${ABSENT_UP_TO_3_19.join("; ")}`;
  if (versionNumber(version) >= versionNumber(OLDEST)) return ok(check, `${says}; ${off}`);
  const remedy = `Update it to ${OLDEST} or later; older ones may lack more than that.`;
  return warning(check, `${says}; ${off}`, remedy);
}

/**
 * Whether the tables of the store are those of this version.
 *
 * @param there the version of the tables
 */
export function judgeSchema(there: number, newest: number): Finding {
  const check = "schema";
  if (there === newest) return ok(check, `${there}, that of this version`);
  return there < newest
    ? warning(
        check,
        `${there}; this version has ${newest}`,
        "Restart the server with this version: it brings the tables up to date.",
      )
    : failed(
        check,
        `${there}, written by a newer Sevgate; this one knows ${newest}`,
        "Run doctor with the version of the server.",
      );
}
