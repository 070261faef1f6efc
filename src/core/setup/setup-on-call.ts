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

const PEOPLE = /^(people:.*\n)(?: {2}.*?(#.*)?\n)(?: {2}.*\n)*/m;

/** The on-call file of `templates/github/sevgate/on-call.yml` with these people: a rotation by the week. */
export function setupOnCall(template: string, { logins, zone, start, mostSevere }: OnCallAnswers): string {
  const [first = ""] = logins;
  const text = template
    .replace(/^# Change .*\n/, "")
    .replace(/^zone: \S+/m, () => `zone: ${zone}`)
    .replace(PEOPLE, (_, head: string, hint: string | undefined) => {
      const lines = logins.map((login, at) => `  ${login}: {}${at === 0 && hint !== undefined ? `  ${hint}` : ""}\n`);
      return head + lines.join("");
    })
    .replace(/^ {2}P0:$/m, () => `  ${yamlText(mostSevere)}:`)
    .replace(/^( {4}start: )\S+/m, (_, key: string) => key + start)
    .replace(/^( {4}members: ).*$/m, (_, key: string) => `${key}[${logins.join(", ")}]`)
    .replaceAll("<first-login>", () => first)
    .replaceAll("<second-login>", () => logins[1] ?? first)
    .replaceAll("<third-login>", () => logins[2] ?? logins[1] ?? first);
  // Nobody can be the second of one.
  return logins.length > 1 ? text : text.replace(/^.*(?:\bsecondary: \{|notify: \[secondary\]).*\n/gm, "");
}
