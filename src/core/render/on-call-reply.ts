import type { Saying } from "../judge/saying.ts";
import { person, plain } from "../markdown/escape.ts";
import { showMoment } from "../oncall/show-moment.ts";

/** The answer to `/oncall`: who has each role, until when, who comes next, and why. It mentions nobody. */
export function onCallReply({ zone, roles }: Extract<Saying, { readonly kind: "on-call" }>): string {
  const name = (login: string | null) => (login === null ? "nobody" : person(login));
  const isWhy = roles.some(({ why, shadows }) => why.length + shadows.length > 0);
  const isUntil = roles.some(({ next }) => next !== null);
  const rows = roles.map(({ role, login, shadows, why, next }) => {
    const until = next === null ? "" : `${showMoment(next.at, zone)}, then ${name(next.login)}`;
    const reasons = [...why, ...(shadows.length === 0 ? [] : [`shadowing: ${shadows.join(", ")}`])];
    const last = isWhy ? ` ${reasons.map((one) => plain(one, 300)).join("<br>")} |` : "";
    return `| ${plain(role, 64)} | ${name(login)} |${isUntil ? ` ${until} |` : ""}${last}`;
  });
  return [
    `Who is on call now (times in ${zone === "Etc/UTC" ? "UTC" : plain(zone, 64)}):`,
    "",
    `| Role | Now |${isUntil ? " Until |" : ""}${isWhy ? " Why |" : ""}`,
    `| --- | --- |${isUntil ? " --- |" : ""}${isWhy ? " --- |" : ""}`,
    ...rows,
    "",
    "`/page` pages primary, `/handoff @LOGIN` hands the incident over.",
  ].join("\n");
}
