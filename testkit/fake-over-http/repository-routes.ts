import { missing, type Route, route, type Served } from "./route.ts";

/** The repository itself: its files, its releases and deployments, and who may do what in it. */
export function repositoryRoutes({ github, repository, repo }: Served): readonly Route[] {
  const { read } = github;
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
        },
      };
    }),
    route("GET", `${repo}/collaborators/([^/]+)/permission`, async (request) => {
      const role = await read.permission(repository, request.parts[0] ?? "");
      // `permission` knows four rights only (GitHub REST, "Get repository permissions for a user").
      const permission = role === "maintain" ? "write" : role === "triage" ? "read" : role;
      const rights = ["pull", "triage", "push", "maintain", "admin"];
      const most = ["read", "triage", "write", "maintain", "admin"].indexOf(role);
      const permissions = Object.fromEntries(rights.map((right, at) => [right, at <= most]));
      // A custom role has a name of its own; only what it grants says what it is.
      const user = { login: request.parts[0] ?? "", permissions };
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
      const required = await read.requiredChecks(repository, request.parts[0] ?? "");
      if (required === "not-in-plan") {
        return {
          status: 403,
          data: { message: "Upgrade to GitHub Pro or make this repository public to enable this feature." },
        };
      }
      const checks = required === "untold" ? [] : required;
      const contexts = checks.map(({ name, appId }) => ({
        context: name,
        ...(appId === null ? {} : { integration_id: appId }),
      }));
      return {
        data: [
          {
            type: "required_status_checks",
            parameters: { required_status_checks: contexts, strict_required_status_checks_policy: false },
          },
        ],
      };
    }),
    route("GET", `${repo}/contents/(.+)`, async (request) => {
      const path = request.parts[0] ?? "";
      const folder = await read.folder(repository, path);
      if (folder !== "missing") {
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
