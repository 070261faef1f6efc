import { sameName } from "../core/names.ts";
import { POLICY_PATH } from "../core/policy/parse.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";
import { onPage } from "./on-page.ts";

/** A repository that a setting of the server names, and where the app therefore has to be. */
export interface NamedPlace {
  readonly setting: string;
  /** `owner/name`. */
  readonly place: string;
}

/** Whether the app is installed where the settings expect it. */
export function judgeNamedPlaces(named: readonly NamedPlace[], seen: readonly string[]): readonly Finding[] {
  return named
    .filter(({ place }) => !seen.some((one) => sameName(one, place)))
    .map(({ setting, place }) =>
      failed(
        `installation on ${place}`,
        `${setting} names it, and the app is not installed there`,
        `Add the repository on the installation's page, or take it out of ${setting}.`,
      ),
    );
}

/**
 * Whether the app is installed on every repository with a policy. Private ones without it are not visible to it.
 *
 * @param found repositories of the account with a policy
 * @param page  of the installation; `null`: not known
 */
export function judgePolicies(
  account: string,
  found: readonly string[] | "untold",
  seen: readonly string[],
  page: string | null,
): Finding {
  const check = `policies of ${account}`;
  if (found === "untold") return ok(check, "GitHub's search did not say which repositories have one");
  const apart = found.filter((place) => !seen.some((one) => sameName(one, place)));
  if (apart.length === 0)
    return ok(check, "no public repository without the app has one, as far as GitHub's search knows");
  return warning(
    check,
    `${apart.join(", ")} ${apart.length === 1 ? "has" : "have"} ${POLICY_PATH}, and the app is not installed there: nothing happens`,
    `Add the repositories ${onPage(page)}.`,
  );
}
