/** What package.json holds, as far as it matters here. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** What is for this repository alone. `private` keeps it from being published as it is. */
const OWN_FIELDS = ["private", "scripts", "dependencies", "devDependencies", "overrides", "allowScripts"];
/**
 * Of `scripts`, for an `npm pack` that was cut off leaves this manifest in the clone: the next one puts that right, and `npm
 * publish` is refused there as well. npm runs none of them for whoever installs the package.
 */
const KEPT_SCRIPTS = ["prepublishOnly", "prepack", "postpack"];
/** Messages and help name them, so they are where Sevgate is. */
const DOCUMENTS = ["docs/*.md", "docs/install/*.md", "runbooks", "CHANGELOG.md", "SECURITY.md"];

/**
 * package.json as it is published: with nothing to install, since all that runs is in `dist/`, and nothing that runs when it is
 * installed (docs/decisions/0046-a-package-without-dependencies.md).
 *
 * @param repository `owner/name` on GitHub, where a workflow publishes it: provenance names the same one; `null` elsewhere
 */
export function publishedManifest(own: Manifest, repository: string | null): Readonly<Record<string, unknown>> {
  const kept = Object.fromEntries(Object.entries(own).filter(([field]) => !OWN_FIELDS.includes(field)));
  return {
    ...kept,
    ...(repository === null ? {} : { repository: { type: "git", url: `git+https://github.com/${repository}.git` } }),
    scripts: Object.fromEntries(KEPT_SCRIPTS.map((name) => [name, own.scripts[name]])),
    // What was compiled is taken by the same Node and the same user alone: each installation makes its own.
    files: [...own.files, ...DOCUMENTS, "!dist/compiled"],
    // Its types are in ours. Whoever starts Sevgate by its own server needs none of it.
    peerDependencies: { probot: `^${own.dependencies["probot"]}` },
    peerDependenciesMeta: { probot: { optional: true } },
  };
}
