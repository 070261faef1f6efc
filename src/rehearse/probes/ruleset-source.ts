import { type Answer, at, isDone, listAt, numberAt, saidBy } from "../answer.ts";
import { type Finding, fails, holds, told, untold, untoldEach } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

const CHECK = "sevgate/close-gate";

/** @param rules "Get rules for a branch" that the ruleset is for */
export function judgeRulesetSource(created: Answer, rules: Answer, appId: number): readonly Finding[] {
  const upgrade = /\bupgrade\b/i.test(saidBy(created));
  if (created.status === 403 && upgrade) {
    return [holds("A-008", saidBy(created)), untold("A-006", "rulesets are not in this plan")];
  }
  if (created.status === 422) return [fails("A-006", `a ruleset that names the app is refused: ${saidBy(created)}`)];
  if (!isDone(created)) return untoldEach(["A-006", "A-008"], saidBy(created));
  if (!isDone(rules)) return untoldEach(["A-006", "A-008"], saidBy(rules));
  const required = listAt(rules.data).flatMap((rule) => listAt(rule, "parameters", "required_status_checks"));
  const ours = required.find((one) => at(one, "context") === CHECK);
  const source = numberAt(ours, "integration_id");
  return [
    told(
      "A-006",
      source === appId,
      `the rule in force names ${source === null ? "no source" : `app ${source}`}; the list on the page is to be looked at by hand`,
    ),
    holds("A-008", "rulesets are in this plan, and the rules of a branch can be read"),
  ];
}

export const rulesetSourceProbe: AppProbe = {
  id: "T-3",
  title: "a ruleset that requires the check from the app",
  assumptions: ["A-006", "A-008"],
  needs: "app",
  async run({ person, branch, mark }, app) {
    const { name } = await branch("ruled");
    const created = await person.ask("POST /repos/{owner}/{repo}/rulesets", {
      name: mark,
      target: "branch",
      enforcement: "active",
      conditions: { ref_name: { include: [`refs/heads/${name}`], exclude: [] } },
      rules: [
        {
          type: "required_status_checks",
          parameters: {
            strict_required_status_checks_policy: false,
            required_status_checks: [{ context: CHECK, integration_id: app.appId }],
          },
        },
      ],
    });
    const rules = await app.installation.ask("GET /repos/{owner}/{repo}/rules/branches/{branch}", { branch: name });
    // At once: a branch that is ruled may not be deleted.
    const id = numberAt(created.data, "id");
    if (id !== null) await person.ask("DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}", { ruleset_id: id });
    return judgeRulesetSource(created, rules, app.appId);
  },
};
