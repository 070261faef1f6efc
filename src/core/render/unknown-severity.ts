import { codeSpan, plain } from "../markdown/escape.ts";
import type { Policy, Severity } from "../policy/policy.ts";

/** The answer to a `/severity` that names none of the policy's: which there are, what each means, and examples of it. */
export function unknownSeverity(given: string, { severities }: Pick<Policy, "severities">): string {
  const first = severities[0]!;
  return [
    `There is no severity ${codeSpan(given)} here. Choose one, such as ${codeSpan(`/severity ${first.name}`)}:`,
    "",
    ...severities.map(meaning),
  ].join("\n");
}

function meaning({ name, description, examples }: Severity): string {
  const says = description === "" ? [] : [plain(description, 100)];
  const shows = examples.length === 0 ? [] : [`For example: ${examples.map((one) => plain(one, 60)).join(", ")}.`];
  const words = [...says.map((text) => (shows.length === 0 ? text : `${text.replace(/\.$/, "")}.`)), ...shows];
  return `- ${codeSpan(name)}${words.length === 0 ? "" : `: ${words.join(" ")}`}`;
}
