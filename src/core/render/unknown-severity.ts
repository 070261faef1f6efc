import { codeSpan, plain } from "../markdown/escape.ts";
import type { Policy, Severity } from "../policy/policy.ts";

/** The answer to a `/severity` that names none of the policy's: which there are, what each means, and examples of it. */
export function unknownSeverity(given: string, { severities }: Pick<Policy, "severities">): string {
  const names = severities.map(({ name }) => codeSpan(name)).join(", ");
  const meanings = severities.flatMap(meaning).join("\n");
  return [
    `Choose one of ${names}: the policy has no severity ${codeSpan(given)}.`,
    ...(meanings === "" ? [] : [meanings]),
  ].join("\n\n");
}

/** None, if the policy says nothing about it. */
function meaning({ name, description, examples }: Severity): readonly string[] {
  const says = description === "" ? [] : [`${plain(description, 100).replace(/\.$/, "")}.`];
  const shows = examples.length === 0 ? [] : [`For example: ${examples.map((one) => plain(one, 60)).join(", ")}.`];
  return says.length + shows.length === 0 ? [] : [`- ${codeSpan(name)}: ${[...says, ...shows].join(" ")}`];
}
