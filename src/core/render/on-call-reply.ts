import type { Saying } from "../judge/saying.ts";
import { person, plain } from "../markdown/escape.ts";
import { showMoment } from "../oncall/show-moment.ts";

/** The answer to `/oncall`: who has each role, until when, who comes next, and why. It mentions nobody. */
export function onCallReply({ zone, roles }: Extract<Saying, { readonly kind: "on-call" }>): string {
  const name = (login: string | null) => (login === null ? "nobody" : person(login));
  const rows = roles.map(({ role, login, shadows, why, next }) => {
    const until = next === null ? "" : `${showMoment(next.at, zone)}, then ${name(next.login)}`;
    const reasons = [...why, ...(shadows.length === 0 ? [] : [`looking on: ${shadows.join(", ")}`])];
    return `| ${plain(role, 64)} | ${name(login)} | ${until} | ${reasons.map((one) => plain(one, 300)).join("<br>")} |`;
  });
  return [
    `Who is on call now (times of ${plain(zone, 64)}):`,
    "",
    "| role | now | until | why |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    "`/page` calls primary; `/handoff` and a login hands the incident over. `sevgate oncall` shows the weeks ahead.",
  ].join("\n");
}
