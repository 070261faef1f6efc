import * as z from "zod";
import type { Repository } from "../../core/model.ts";
import type { Requirement } from "../../core/protection/plan-protection.ts";
import { withoutEnd } from "../../core/without-end.ts";
import { NotThereError, RefusedError } from "./errors.ts";
import { readAnswer } from "./facts.ts";
import { GitHubClient, type TokenClientOptions } from "./github-client.ts";
import type { GitHubProtection, PostingApp, ProtectionChange } from "./ports.ts";
import { readClassicChecks } from "./read-classic-checks.ts";
import { isNotInPlan } from "./read-required-checks.ts";

/** A token is the same for every installation. */
const ANY = 0;
/** Sevgate posts on every pull request; one that is older than ten others may be from before it was installed. */
const MOST_HEADS = 10;

const User = z.object({ login: z.string(), type: z.string() });
const Facts = z.object({
  id: z.number(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
  default_branch: z.string(),
  permissions: z.object({ admin: z.boolean() }).nullish(),
});
const Checks = z.array(z.object({ context: z.string(), integration_id: z.number().nullish() }));
const BranchRules = z.array(
  z.object({
    type: z.string(),
    ruleset_id: z.number().nullish(),
    ruleset_source: z.string().nullish(),
    ruleset_source_type: z.string().nullish(),
    parameters: z.object({ required_status_checks: Checks.nullish() }).nullish(),
  }),
);
const Listed = z.array(
  z.object({ id: z.number(), name: z.string(), enforcement: z.string(), source_type: z.string().nullish() }),
);
const AnyChecks = z.array(z.looseObject({ context: z.string() }));
/** A ruleset as it is: what is not known here is sent back as it came. */
const Whole = z.looseObject({
  name: z.string(),
  target: z.string(),
  enforcement: z.string(),
  // Only shown to whoever may change the ruleset.
  bypass_actors: z.array(z.unknown()).nullish(),
  conditions: z.looseObject({}).nullish(),
  rules: z.array(z.looseObject({ type: z.string(), parameters: z.looseObject({}).nullish() })),
});
const Pulls = z.array(z.object({ head: z.object({ sha: z.string() }) }));
const Runs = z.object({
  check_runs: z.array(
    z.object({
      name: z.string(),
      app: z
        .object({
          id: z.number(),
          slug: z.string().nullish(),
          permissions: z.record(z.string(), z.unknown()).nullish(),
        })
        .nullish(),
    }),
  ),
});

/** What a branch requires, as a person sees and changes it by REST. */
export function createProtection(options: TokenClientOptions): GitHubProtection {
  const client = new GitHubClient({ ...options, apiUrl: withoutEnd(options.apiUrl, "/") });
  const place = ({ owner, name }: Repository) => ({ owner, repo: name });

  async function rulesetRequirements(repository: Repository, branch: string, check: string) {
    const rules = await client.list(
      ANY,
      "GET /repos/{owner}/{repo}/rules/branches/{branch}",
      { ...place(repository), branch },
      (data) => readAnswer("rules", BranchRules, data),
    );
    return rules.flatMap((rule) =>
      (rule.parameters?.required_status_checks ?? [])
        .filter(({ context }) => context === check)
        .map(
          ({ integration_id }): Requirement => ({
            kind: rule.ruleset_source_type === "Repository" ? "ruleset" : "inherited",
            id: rule.ruleset_id ?? null,
            name: rule.ruleset_source ?? "",
            appId: integration_id ?? null,
          }),
        ),
    );
  }

  async function ownRulesets(repository: Repository) {
    return await client.list(
      ANY,
      "GET /repos/{owner}/{repo}/rulesets",
      { ...place(repository), includes_parents: false },
      (data) => readAnswer("rulesets", Listed, data),
    );
  }

  /** As it is to be sent back; `null`: GitHub does not show all of it, and what is left out may be emptied. */
  async function wholeRuleset(repository: Repository, id: number) {
    const { data } = await client.request(ANY, "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}", {
      ...place(repository),
      ruleset_id: id,
      includes_parents: false,
    });
    const { name, target, enforcement, bypass_actors, conditions, rules } = readAnswer("ruleset", Whole, data);
    return bypass_actors == null ? null : { name, target, enforcement, bypass_actors, conditions, rules };
  }

  return {
    async person() {
      try {
        const { login, type } = readAnswer("user", User, (await client.request(ANY, "GET /user")).data);
        return type === "User" ? login : null;
      } catch (error) {
        // "Resource not accessible by integration". A person can be refused as well, such as by a list of addresses.
        if (error instanceof RefusedError && error.status === 403 && /\bintegration\b/i.test(error.reason)) return null;
        throw error;
      }
    },

    async repository(owner, name) {
      try {
        const { data } = await client.request(ANY, "GET /repos/{owner}/{repo}", { owner, repo: name });
        const facts = readAnswer("repository", Facts, data);
        return {
          repository: { installationId: ANY, id: facts.id, owner: facts.owner.login, name: facts.name },
          defaultBranch: facts.default_branch,
          isAdmin: facts.permissions?.admin === true,
        };
      } catch (error) {
        if (error instanceof NotThereError) return "missing";
        throw error;
      }
    },

    async required(repository, branch, check, name) {
      try {
        const own = await ownRulesets(repository);
        const inRulesets = (await rulesetRequirements(repository, branch, check)).map((one) => ({
          ...one,
          name: own.find(({ id }) => id === one.id)?.name ?? one.name,
        }));
        const classic = (await readClassicChecks(client, repository, branch))
          .filter((one) => one.name === check)
          .map(({ appId }): Requirement => ({ kind: "classic", id: null, name: branch, appId }));
        const named = own.find((one) => one.name === name);
        return {
          required: [...inRulesets, ...classic],
          named: named === undefined ? null : { id: named.id, name: named.name },
        };
      } catch (error) {
        if (isNotInPlan(error)) return "not-in-plan";
        if (error instanceof NotThereError) return "untold";
        throw error;
      }
    },

    async postedBy(repository, check) {
      const { data } = await client.request(ANY, "GET /repos/{owner}/{repo}/pulls", {
        ...place(repository),
        state: "all",
        sort: "updated",
        direction: "desc",
        per_page: MOST_HEADS,
      });
      const apps = new Map<number, PostingApp>();
      for (const sha of new Set(readAnswer("pull requests", Pulls, data).map(({ head }) => head.sha))) {
        const runs = await client.list(
          ANY,
          "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
          { ...place(repository), ref: sha, check_name: check },
          (page) => readAnswer("check runs", Runs, page).check_runs,
        );
        for (const { name, app } of runs) {
          if (name !== check || app == null) continue;
          const asks = app.permissions == null ? null : app.permissions["statuses"] === "write";
          apps.set(app.id, { id: app.id, slug: app.slug ?? "", asksForStatuses: asks });
        }
      }
      return [...apps.values()];
    },

    async requestFor(plan, repository, branch, ruleset): Promise<ProtectionChange | null> {
      const [rule] = ruleset.rules;
      const [wanted] = rule?.parameters.required_status_checks ?? [];
      if (rule === undefined || wanted === undefined) throw new TypeError("The ruleset requires no check.");
      if (plan.kind === "create") {
        return { route: "POST /repos/{owner}/{repo}/rulesets", at: place(repository), body: ruleset };
      }
      if (plan.kind === "pin" && plan.requirement.kind === "classic") {
        // `-1`: from anybody. Left out, GitHub would choose by itself ("Update status check protection").
        const checks = (await readClassicChecks(client, repository, branch)).map(({ name, appId }) => ({
          context: name,
          app_id: name === wanted.context ? wanted.integration_id : (appId ?? -1),
        }));
        return {
          route: "PATCH /repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks",
          at: { ...place(repository), branch },
          body: { checks },
        };
      }
      const id = plan.kind === "pin" ? plan.requirement.id : plan.ruleset.id;
      if (id === null) return null;
      const whole = await wholeRuleset(repository, id);
      if (whole === null) return null;
      const rules = whole.rules.map((one) => pinned(one, wanted));
      return {
        route: "PUT /repos/{owner}/{repo}/rulesets/{ruleset_id}",
        at: { ...place(repository), ruleset_id: id },
        body:
          plan.kind === "pin"
            ? { ...whole, rules }
            : {
                ...whole,
                enforcement: "active",
                conditions: whole.conditions ?? ruleset.conditions,
                rules: rules.some((one) => checksOf(one).some(({ context }) => context === wanted.context))
                  ? rules
                  : [...rules, rule],
              },
      };
    },

    async change({ route, at, body }) {
      await client.request(ANY, route, { ...at, ...body });
    },
  };
}

type Rule = z.infer<typeof Whole>["rules"][number];

/** The rule with a source for the check, and otherwise as it is. */
function pinned(rule: Rule, wanted: { readonly context: string; readonly integration_id: number }): Rule {
  const checks = checksOf(rule);
  if (checks.length === 0) return rule;
  const required_status_checks = checks.map((one) => (one.context === wanted.context ? { ...one, ...wanted } : one));
  return { ...rule, parameters: { ...rule.parameters, required_status_checks } };
}

function checksOf({ type, parameters }: Rule): z.infer<typeof AnyChecks> {
  if (type !== "required_status_checks") return [];
  return readAnswer("ruleset", AnyChecks, parameters?.["required_status_checks"] ?? []);
}
