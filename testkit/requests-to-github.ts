import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A request of GitHub's REST API. */
export interface GitHubRequest {
  readonly method: string;
  /** With placeholders: `/repos/{owner}/{repo}/issues/{issue_number}`. Their names may differ from GitHub's. */
  readonly path: string;
}

/** A document of GitHub's GraphQL API, as it stands in the sources. */
export interface GitHubDocument {
  /** From the root of the repository. */
  readonly file: string;
  readonly text: string;
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const ADAPTER = fileURLToPath(new URL("../src/systems/github/", import.meta.url));
const REPOSITORY = "/repos/{owner}/{repo}";

/** The text of each file that talks to GitHub. */
export function adapterSources(): readonly string[] {
  return globSync("*.ts", { cwd: ADAPTER }).map((file) => readFileSync(`${ADAPTER}${file}`, "utf8"));
}

/** Every REST request in the adapter's sources, each once, by path and method. */
export function requestsToGitHub(): readonly GitHubRequest[] {
  const found = new Map<string, GitHubRequest>();
  const add = (method: string, path: string) => found.set(`${path} ${method}`, { method, path });
  for (const text of adapterSources()) {
    for (const [, method = "", path = ""] of text.matchAll(/["`](GET|POST|PUT|PATCH|DELETE) (\/[^"`$ ]*)["`]/g)) {
      if (path === "/graphql") continue;
      add(method, /^\/(?:repos|apps?|installation|search|user)\b/.test(path) ? path : `${REPOSITORY}${path}`);
    }
    for (const [, path = ""] of text.matchAll(/\b(?:get|list|listPart)(?:<\w+>)?\(\s*repository,\s*"(\/[^"]*|)"/g)) {
      add("GET", `${REPOSITORY}${path}`);
    }
    for (const [, path = ""] of text.matchAll(/\bconst path = "(\/[^"]*)"/g)) add("GET", `${REPOSITORY}${path}`);
    for (const [, path = ""] of text.matchAll(/\bfetch\(`\$\{apiUrl\}(\/[^"`$ ]*)`/g)) add("GET", path);
  }
  return [...found.keys()].toSorted().flatMap((key) => found.get(key) ?? []);
}

/** Every GraphQL document in the sources: each text that begins as one does. */
export function documentsForGitHub(): readonly GitHubDocument[] {
  const document = /`\s*((?:query|mutation|subscription|fragment)\b[^`]*)`/g;
  return globSync("src/**/*.ts", { cwd: ROOT })
    .toSorted()
    .flatMap((file) =>
      [...readFileSync(`${ROOT}${file}`, "utf8").matchAll(document)].flatMap(([, text = ""]) =>
        text.includes("{") ? [{ file, text }] : [],
      ),
    );
}
