import type { Saying } from "../judge/saying.ts";
import { codeSpan, plain } from "../markdown/escape.ts";
import type { Policy } from "../policy/policy.ts";

type AboutDrills = Extract<Saying, { kind: "drill-too-late" | "drill-stays" | "may-not-drill" }>;

/** Why an incident is no drill, or a drill no incident; the next step first. */
export function drillReply(saying: AboutDrills, { drills, severities }: Policy): string {
  const drill = codeSpan(drills.label);
  const labelOf = (severity: string) =>
    codeSpan(severities.find(({ name }) => name === severity)?.label ?? plain(severity, 32));
  switch (saying.kind) {
    case "drill-too-late": {
      const why =
        saying.why === "storm" ? "alerts that nobody has looked at are collected here" : "this one is under way";
      return `Open a new issue with the labels ${labelOf(saying.severity)} and ${drill} for a drill: ${why}, so it stays a real incident.`;
    }
    case "drill-stays":
      return `Is it real? Open a new issue with the label ${labelOf(saying.severity)}: this one is under way as a drill and stays one, so ${drill} is back.`;
    case "may-not-drill": {
      const stays = saying.isOn
        ? `it stays a drill, and ${drill} is back`
        : `it is a real incident, and ${drill} is off again`;
      const deed = saying.isOn ? "take the label off" : "comment `/drill`";
      return saying.app === null
        ? `Ask someone with the ${saying.needs} role to ${deed} before anybody is paged. That takes this role here: ${stays}.`
        : `Add \`drill\` to the line of ${codeSpan(saying.app)} in \`commands.bots\` of \`.github/sevgate.yml\`, so that its label ${drill} counts. The policy does not grant it \`/drill\`: ${stays}.`;
    }
  }
}
