/** The newest version that GitHub's description was looked through for what it lacks. */
const LOOKED_THROUGH = 319;
/** Events that no server up to 3.19 has. One that a server does not know makes it refuse a whole manifest. */
const ABSENT_EVENTS: readonly string[] = ["sub_issues", "merge_group"];
const LIMIT_MS = 5_000;

/** A version as a number that can be compared: `3.17.2` is 317; 0 for what is none. */
export function versionNumber(version: string): number {
  const [, major = "0", minor = "0"] = /^(\d{1,3})\.(\d{1,2})(?:\.|$)/.exec(version) ?? [];
  return Number(major) * 100 + Number(minor);
}

/** Whether an Enterprise Server is newer than all that is known of here. */
export function isNewerThanKnown(version: string): boolean {
  return versionNumber(version) > LOOKED_THROUGH;
}

/**
 * The events that a server does not have.
 *
 * @param version of an Enterprise Server, `unknown` if it does not say; `null`: it is github.com
 */
export function absentEvents(version: string | null): readonly string[] {
  return version === null || isNewerThanKnown(version) ? [] : ABSENT_EVENTS;
}

/** The version in the header `x-github-enterprise-version`; `null`: there is none. */
export function versionIn(header: string | null | undefined): string | null {
  return header?.replace(/^.*@/, "") ?? null;
}

/** The version of an Enterprise Server as it tells everybody (GHES docs, "Get GitHub meta information"); else `unknown`. */
export async function askServerVersion(apiUrl: string): Promise<string> {
  try {
    const answer = await fetch(`${apiUrl}/meta`, {
      headers: { accept: "application/vnd.github+json", "user-agent": "sevgate" },
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const named = versionIn(answer.headers.get("x-github-enterprise-version"));
    const data: unknown = await answer.json().catch(() => null);
    const told =
      typeof data === "object" && data !== null && "installed_version" in data ? data.installed_version : null;
    return named ?? (typeof told === "string" ? told : "unknown");
  } catch {
    // Whether it answers at all shows when the code is exchanged.
    return "unknown";
  }
}
