import type { Phase } from "./history.ts";

/** Labels with this prefix are Sevgate's: every incident has one at a time, so that GitHub's own search works. */
export const STATE_LABEL_PREFIX = "incident:";

interface StateLabel {
  readonly name: string;
  /** Six hexadecimal digits. */
  readonly color: string;
  readonly description: string;
}

/** The label of each phase. Colours go from alarming to calm, with readable contrast in both of GitHub's themes. */
export const STATE_LABELS: Readonly<Record<Phase, StateLabel>> = {
  declared: { name: "incident:declared", color: "d93f0b", description: "Nobody has acknowledged it yet" },
  acknowledged: { name: "incident:acknowledged", color: "fbca04", description: "Somebody has it" },
  mitigated: {
    name: "incident:mitigated",
    color: "c5def5",
    description: "The impact has stopped, the cause is not fixed",
  },
  resolved: {
    name: "incident:resolved",
    color: "0e8a16",
    description: "Over; closes when it has what it needs",
  },
  cancelled: { name: "incident:cancelled", color: "cccccc", description: "A false alarm" },
  "closed-ungated": {
    name: "incident:closed-ungated",
    color: "5319e7",
    description: "Closed without what the policy asks for",
  },
};

/**
 * Beside the label of its phase, on an incident with a waiver that ends. By it a sweep finds the waivers that run out on
 * closed incidents, and so do people.
 */
export const WAIVED_LABEL: StateLabel = {
  name: "incident:waived",
  color: "bfd4f2",
  description: "Closed without what it needs, for a while: it opens again by itself",
};

/** All state labels. */
export const STATE_LABEL_NAMES: readonly string[] = Object.values(STATE_LABELS).map((label) => label.name);

/** The phase a label stands for; `null`: not one of ours. */
export function phaseOfLabel(name: string): Phase | null {
  for (const [phase, label] of Object.entries(STATE_LABELS)) {
    if (label.name === name) return phase as Phase;
  }
  return null;
}

/** Colours for severity labels that the repository lacks, most severe first; the last one is used for all further ones. */
export const SEVERITY_COLORS = ["b60205", "d93f0b", "fbca04", "c5def5"] as const;
