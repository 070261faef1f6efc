import { labelKey } from "./policy/label-key.ts";

/** Whether `labels` hold `name`, as GitHub compares labels: without regard to case. */
export function hasLabel(labels: readonly string[], name: string): boolean {
  return labels.some((label) => labelKey(label) === labelKey(name));
}
