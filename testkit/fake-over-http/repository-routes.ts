import type { RulesetState } from "../fake-github/state.ts";
import { rightsOf } from "../rights-of.ts";
import { at, missing, type Route, route, type Said, type Served } from "./route.ts";

const notInPlan: Said = {
  status: 403,
  data: { message: "Upgrade to GitHub Pro or make this repository public to enable this feature." },
};

/** The repository itself: its files, its releases and deployments, and who may do what in it. */
export function repositoryRoutes({ github, repository, repo }: Served): readonly Route[] {
  const { read } = github;
  const source = { source_type: "Repository", source: `${repository.owner}/${repository.name}` };
  return [
    route("GET", repo, async () => {
      const facts = await read.repository(repository);
      if (facts === "missing") return missing;
      return {
        data: {
          id: facts.id,
          name: facts.name,
          owner: { login: facts.owner },
          default_branch: facts.defaultBranch,
          private: facts.isPrivate,
          archived: facts.archived,
          disabled: facts.isDisabled,
          fork: facts.isFork,
          has_issues: facts.hasIssues,
          ...(github.viewer === null
            ? {}
            : { permissions: { admin: github.viewer.isAdmin, push: true, pull: true, maintain: true, triage: true } }),
        },
      };
    }),
    route("GET", `${repo}/collaborators/([^/]+)/permission`, async (request) => {
      const role = await read.permission(repository, request.parts[0] ?? "");
      // `permission` knows four rights only (GitHub REST, "Get repository permissions for a user").
      const permission = role === "maintain" ? "write" : role === "triage" ? "read" : role;
      // A custom role has a name of its own; only what it grants says what it is.
      const user = { login: request.parts[0] ?? "", permissions: rightsOf(role) };
      return { data: { permission, role_name: role === "none" ? "none" : "custom role", user } };
    }),
    route("GET", `${repo}/deployments`, async () => ({
      data: (await read.deployments(repository)).map(({ sha, environment }, index) => ({
        id: index + 1,
        sha,
        environment,
      })),
    })),
    route("GET", `${repo}/deployments/(\\d+)/statuses`, async () => ({ data: [{ state: "success" }] })),
    route("GET", `${repo}/releases/latest`, async () => {
      const tag = await read.latestRelease(repository);
      return tag === "missing" ? missing : { data: { tag_name: tag } };
    }),
    route("GET", `${repo}/rules/branches/([^/]+)`, async (request) => {
      if (!github.rulesInPlan) return notInPlan;
      const branch = request.parts[0] ?? "";
      // Asked for as a pass asks, which is counted.
      await read.requiredChecks(repository, branch);
      return { data: github.rulesOn(branch, repository) };
    }),
    route("GET", `${repo}/rulesets`, async () =>
      github.rulesInPlan
        ? {
            data: github
              .rulesets(repository)
              .map(({ id, name, enforcement }) => ({ id, name, enforcement, ...source })),
          }
        : notInPlan,
    ),
    route("GET", `${repo}/rulesets/(\\d+)`, async (request) => {
      const found = github.rulesets(repository).find(({ id }) => id === at(request));
      if (found === undefined) return missing;
      const { bypass_actors, ...rest } = found;
      return { data: { ...rest, ...(github.showsBypass ? { bypass_actors } : {}), ...source } };
    }),
    route("POST", `${repo}/rulesets`, async ({ body }) => {
      if (github.viewer?.isAdmin !== true) return missing;
      if (!github.rulesInPlan) return notInPlan;
      const given = body as unknown as RulesetState;
      if (github.rulesets(repository).some(({ name }) => name === given.name)) {
        return { status: 422, data: { message: "Validation Failed", errors: ["Name must be unique"] } };
      }
      const id = github.putRuleset(given, repository);
      return { status: 201, data: { ...given, id, ...source } };
    }),
    route("PUT", `${repo}/rulesets/(\\d+)`, async (request) => {
      if (github.viewer?.isAdmin !== true) return missing;
      const id = github.putRuleset({ ...(request.body as unknown as RulesetState), id: at(request) }, repository);
      return { data: { ...github.rulesets(repository).find((one) => one.id === id), ...source } };
    }),
    route("GET", `${repo}/branches/([^/]+)`, async (request) => {
      const [branch = ""] = request.parts;
      const facts = await read.repository(repository);
      if (facts === "missing" || branch !== facts.defaultBranch) return missing;
      const checks = github.classicChecks(repository);
      const contexts = (checks ?? []).map(({ context }) => context);
      return {
        data: {
          name: branch,
          protected: checks !== null,
          protection: { enabled: checks !== null, required_status_checks: { contexts, checks: checks ?? [] } },
        },
      };
    }),
    route("PATCH", `${repo}/branches/([^/]+)/protection/required_status_checks`, async ({ body }) => {
      if (github.viewer?.isAdmin !== true || github.classicChecks(repository) === null) return missing;
      const checks = (body["checks"] as { context: string; app_id?: number }[]).map(({ context, app_id }) => ({
        context,
        app_id: app_id === undefined || app_id < 0 ? null : app_id,
      }));
      github.setClassicChecks(checks, repository);
      const contexts = checks.map(({ context }) => context);
      return { data: { url: "u", strict: false, contexts, checks, contexts_url: "c" } };
    }),
    route("GET", `${repo}/contents/(.+)`, async (request) => {
      const path = request.parts[0] ?? "";
      const folder = await read.folder(repository, path);
      if (typeof folder !== "string") {
        return {
          data: folder.map(({ path: at, sha, kind }) => ({ type: kind === "folder" ? "dir" : "file", path: at, sha })),
        };
      }
      const file = await read.file(repository, path);
      if (file === "missing") return missing;
      return {
        data: {
          type: "file",
          encoding: "base64",
          size: Buffer.byteLength(file.text),
          name: path.split("/").at(-1),
          path,
          // In lines of 60 characters, as GitHub does.
          content: Buffer.from(file.text).toString("base64").replace(/.{60}/g, "$&\n"),
          sha: file.sha,
        },
      };
    }),
  ];
}
