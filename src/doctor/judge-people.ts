import { rank } from "../core/commands/authorize.ts";
import type { Permission, Repository } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import { type Finding, ok, warning } from "./finding.ts";

/** What somebody on call needs at least, to acknowledge. */
const NEEDED: Permission = "triage";

/**
 * Whether the people of an on-call file are still there.
 *
 * @param rights what each of them may do in the repository, by login; GitHub says `none` also of an account that is gone
 */
export function judgePeople(rights: ReadonlyMap<string, Permission>, repository: Repository): Finding {
  const place = fullName(repository);
  const check = `people of the on-call file of ${place}`;
  const lacking = [...rights].filter(([, has]) => rank(has) < rank(NEEDED));
  const [first] = lacking;
  if (first === undefined) return ok(check, `${rights.size}, who all may acknowledge`);
  const says = lacking.map(([login, has]) =>
    has === "none" ? `${login} has no access any more, or the account is gone` : `${login} may only read there`,
  );
  return warning(
    check,
    says.join("; "),
    `Take them out of ${ON_CALL_PATH}, or give them the role: ` +
      `gh api -X PUT repos/${place}/collaborators/${first[0]} -f permission=${NEEDED}`,
  );
}
