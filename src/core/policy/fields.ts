import * as z from "zod";
import type { Millis } from "../model.ts";
import { nearestName } from "./nearest-name.ts";
import { showChoice, showValue } from "./show-value.ts";

/**
 * The building blocks for the fields of our YAML files (the policy, the on-call schedule). Each kind has its own
 * message.
 *
 * No `refine` here: JSON Schema cannot express it.
 */

/** The units durations are written in. */
export const MS_PER_UNIT = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LONGEST_DURATION_DAYS = 365;

/** The form of every message: what was written, why it does not fit, what to write instead. */
export function misfit(input: unknown, expected: string): string {
  if (isPlaceholder(input)) {
    return `${showValue(input)} is a placeholder of the template: put ${expected.split(":")[0]} in its place`;
  }
  return `${showValue(input)} is not ${expected}`;
}

/**
 * Whether a value is one that our templates leave to whoever copies them, such as `<first-login>`. No login, id, label
 * pattern or date looks like that, so a copied file does nothing until somebody has filled in their own names.
 */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === "string" && /^<[^<>\n]{1,60}>$/.test(value);
}

/** Text that matches `pattern`. `expected` begins with an article and says what to write. */
export function text(pattern: RegExp, expected: string) {
  const error = (issue: { readonly input?: unknown }) => misfit(issue.input, expected);
  return z.string({ error }).regex(pattern, { error });
}

/**
 * One of a few words.
 *
 * @param others what to say about words that look as if they belonged to them
 */
export function choice<const Values extends readonly string[]>(
  values: Values,
  others: Readonly<Record<string, string>> = {},
) {
  return z.enum(values, {
    error: (issue) => {
      const other = typeof issue.input === "string" && Object.hasOwn(others, issue.input) ? others[issue.input] : null;
      if (other != null) return other;
      const meant = typeof issue.input === "string" ? nearestName(issue.input, values) : null;
      const written = `${showValue(issue.input)} is not known here: `;
      return meant === null ? `${written}choose ${showChoice(values)}` : `${written}did you mean ${meant}?`;
    },
  });
}

/** `true` or `false`. */
export function yesOrNo() {
  return z.boolean({ error: (issue) => misfit(issue.input, "true or false: write it without quotes") });
}

/** A whole number, both ends included. */
export function wholeNumber(least: number, most: number) {
  const error = ({ input }: { readonly input?: unknown }) => {
    if (typeof input !== "number") {
      return misfit(input, `a whole number from ${least} to ${most}: write it without quotes or unit`);
    }
    if (input > most) return `${showValue(input)} is too large: at most ${most}`;
    if (input < least) return `${showValue(input)} is too small: at least ${least}`;
    return `${showValue(input)} is not a whole number from ${least} to ${most}`;
  };
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A list of at most `most` entries; `example` is written as YAML. */
export function list<Item extends z.ZodType>(item: Item, most: number, example: string) {
  return z
    .array(item, { error: (issue) => misfit(issue.input, `a list: write ${example}`) })
    .max(most, { error: `this list is too long: at most ${most} entries` });
}

/** A map with these keys and no others. The message has one line for each unknown key, in order. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(key, known)).join("\n")
        : misfit(issue.input, `a map of keys: write ${showChoice(known)} with a value, or remove the line`),
  });
}

/** The sentence for a key nobody knows. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known);
  return meant === null
    ? `unknown key ${showValue(key)}: known here are ${showChoice(known, "and")}`
    : `unknown key ${showValue(key)}: did you mean ${meant}?`;
}

/** A whole number and a unit, at most a year; `0s` means none. */
export function duration(units: "mhd" | "smhd") {
  const unitWords = showChoice([...units]);
  const example = units === "mhd" ? "15m, 4h or 2d" : "30s, 15m or 4h";
  const expected = `a duration: write a whole number and ${unitWords}, such as ${example}, or 0s for none`;
  const error = (issue: { readonly input?: unknown }) =>
    typeof issue.input === "number"
      ? `${issue.input} has no unit: write a whole number and ${unitWords}, such as ${example}, or 0s for none`
      : misfit(issue.input, expected);
  return z
    .string({ error })
    .regex(new RegExp(`^(?:0s|[1-9][0-9]{0,7}[${units}])$`), { error })
    .transform((written, context): Millis => {
      const ms = Number(written.slice(0, -1)) * MS_PER_UNIT[written.at(-1) as keyof typeof MS_PER_UNIT];
      if (ms > LONGEST_DURATION_DAYS * MS_PER_UNIT.d) {
        context.issues.push({
          code: "custom",
          input: written,
          message: `${showValue(written)} is too long: at most ${LONGEST_DURATION_DAYS}d`,
        });
      }
      return ms as Millis;
    });
}
