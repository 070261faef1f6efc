import { yamlText } from "./setup-policy.ts";

/** Who takes turns, and from when. */
export interface OnCallAnswers {
  /** In the order of their turns; at least one. */
  readonly logins: readonly string[];
  /** An IANA time zone. */
  readonly zone: string;
  /** A Monday, as `2026-01-05`. */
  readonly start: string;
  /** The name of the most severe severity, whose escalation is quick. */
  readonly mostSevere: string;
}

/** A person of the template, and what is said about people there. */
const PERSON = "  <";
/** Nobody can be the second of one. */
const OF_A_SECOND = ["  secondary: {", "notify: [secondary]"];

/** The on-call file of `templates/github/sevgate/on-call.yml` with these people: a rotation by the week. */
export function setupOnCall(template: string, { logins, zone, start, mostSevere }: OnCallAnswers): string {
  const [first = ""] = logins;
  const lines = template
    .split("\n")
    .filter((line) => !line.startsWith("# Change "))
    .filter((line) => logins.length > 1 || !OF_A_SECOND.some((one) => line.includes(one)));
  const people = lines.findIndex((line) => line.startsWith(PERSON));
  const hint = lines[people]?.split("#")[1];
  const own = logins.map((login, at) => `  ${login}: {}${at === 0 && hint !== undefined ? `  #${hint}` : ""}`);
  return [...lines.slice(0, people), ...own, ...lines.slice(people).filter((line) => !line.startsWith(PERSON))]
    .map((line) =>
      line
        .replace(/^zone: \S+/, () => `zone: ${zone}`)
        .replace(/^ {4}start: \S+/, () => `    start: ${start}`)
        .replace(/^ {4}members: .*/, () => `    members: [${logins.join(", ")}]`)
        .replace(/^ {2}P0:$/, () => `  ${yamlText(mostSevere)}:`)
        .replaceAll("<first-login>", () => first)
        .replaceAll("<second-login>", () => logins[1] ?? first)
        .replaceAll("<third-login>", () => logins[2] ?? logins[1] ?? first),
    )
    .join("\n");
}
