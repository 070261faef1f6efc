import type { Clock } from "../base/clock.ts";
import type { Repository } from "../core/model.ts";
import { fullName, hasLabel, sameLogin } from "../core/names.ts";
import type { IncidentObservation } from "../core/observation.ts";
import type { Looked } from "../core/plan/explain.ts";
import type { Explanation, NoExplanation } from "../core/plan/explanation.ts";
import { allLabels } from "../core/plan/labels.ts";
import { open, openUnchecked } from "../core/record/seal.ts";
import { STATUS_MARKER } from "../core/words/markers.ts";
import { askOnce } from "../observe/ask-once.ts";
import type { Elsewhere } from "../observe/elsewhere.ts";
import { observeIncident } from "../observe/observe-incident.ts";
import type { ObserveParts } from "../observe/observe-parts.ts";
import { createLook } from "../passes/create-look.ts";
import { builtInTemplates } from "../run/built-in-templates.ts";
import { MemoryIndex } from "../store/memory-index.ts";
import { MemoryStore } from "../store/memory-store.ts";
import type { GitHubApp, GitHubReader } from "../systems/github/ports.ts";
import type { Stores } from "./open-stores.ts";
import type { OwnApp } from "./own-app.ts";

/** Why there is nothing to explain, and what to do. */
export type Problem = NoExplanation["error"];

/** Where an incident is. */
export interface Place {
  readonly owner: string;
  readonly name: string;
  readonly number: number;
}

export interface LookParts {
  readonly read: GitHubReader;
  readonly clock: Clock;
  /** The app, if its own key is known; `null`: there is only a token, and the seals of records cannot be checked. */
  readonly app: OwnApp | null;
  /** The app's slug, if there is only a token; `null`: whoever wrote the status comment. */
  readonly named: string | null;
  /** `null`: they cannot be read. */
  readonly stores: Stores | null;
  readonly store: Explanation["store"];
}

/** What was seen of an incident, and how. */
export interface SeenFromOutside {
  readonly seen: IncidentObservation;
  readonly looked: Omit<Looked, "requests">;
}

/**
 * Looks at an incident as a pass does, without being the server: GitHub is asked for everything once, and nothing is written
 * anywhere. Throws as GitHub's ports do.
 */
export async function lookFromOutside(parts: LookParts, place: Place): Promise<SeenFromOutside | Problem> {
  const read = askOnce(parts.read);
  const repository = await findRepository({ ...parts, read }, place);
  if ("kind" in repository) return repository;
  const who = await whoIsTheApp({ ...parts, read }, repository, place.number);
  if ("kind" in who) return who;
  const { app, stores } = parts;
  const observing = await partsFromOutside({ ...parts, read }, repository, who.identity);
  const found = await observeIncident(observing, { kind: "incident", repository, number: place.number });
  if ("kind" in found) return await notThere(found, observing, repository, place.number);
  const looked = { app: who.known, isSealChecked: app !== null, store: parts.store, notKnown: notKnown(parts) };
  return { seen: stores === null ? await withLabels(found, read) : found, looked };
}

/** What a look from outside reads with: nothing in it writes. */
export async function partsFromOutside(
  { read, app, stores, clock }: LookParts,
  repository: Repository,
  identity: AppIs,
): Promise<ObserveParts> {
  const memory = stores ?? { ...new MemoryStore(), index: new IndexWithoutStore(read, repository), chat: null };
  const look = createLook({
    ...memory,
    github: { read, app: { identity: async () => identity } },
    openRecord: app === null ? openUnchecked : (body, at) => open(body, at, app.recordKeys),
    templates: builtInTemplates(),
    clock,
    formerApps: app?.formerApps ?? [],
  });
  return await look();
}

/** The repository of that name, if it may be read. `app` `null`: with a token. */
export async function findRepository(
  {
    app,
    read,
  }: { readonly app: Pick<GitHubApp, "installations"> | null; readonly read: Pick<GitHubReader, "repository"> },
  { owner, name }: Pick<Place, "owner" | "name">,
): Promise<Repository | Problem> {
  const installations = (await app?.installations()) ?? [{ id: 0, account: owner, suspended: false }];
  const installation = installations.find(({ account, suspended }) => sameLogin(account, owner) && !suspended);
  if (installation === undefined) {
    const message = `The app is not installed on ${owner}, or is suspended there. Look at the spelling, or install it.`;
    return { kind: "not-installed", message };
  }
  const facts = await read.repository({ installationId: installation.id, id: 0, owner, name });
  if (facts === "missing") {
    const who = app === null ? "GITHUB_TOKEN" : "the app";
    return {
      kind: "no-repository",
      message: `There is no ${owner}/${name} that ${who} may read. Look at the spelling, or give it access.`,
    };
  }
  return { installationId: installation.id, id: facts.id, owner: facts.owner, name: facts.name };
}

/** Who the app is. */
export type AppIs = Awaited<ReturnType<GitHubApp["identity"]>>;

/** Who the app is, and how that is known. */
export type Who = {
  readonly identity: AppIs;
  readonly known: Looked["app"];
};

/** GitHub tells an app with its own key who it is. A token is somebody else's: then the app is whoever wrote the status comment. */
export async function whoIsTheApp(
  { app, read, named }: Pick<LookParts, "app" | "read" | "named">,
  repository: Repository,
  number: number,
): Promise<Who | Problem> {
  if (app !== null) return { identity: await app.identity(), known: "told" };
  const comments = await read.comments(repository, number, null);
  const written = comments.flatMap(({ author, appId, body }) =>
    author?.isBot === true && body.includes(STATUS_MARKER) ? [{ login: author.login, appId }] : [],
  );
  const botLogin = named === null ? null : `${named.replace(/\[bot\]$/, "")}[bot]`;
  const mine = written.filter(({ login }) => botLogin === null || sameLogin(login, botLogin));
  const logins = [...new Set(mine.map(({ login }) => login))];
  if (logins.length > 1) {
    const slugs = logins.map((login) => login.replace(/\[bot\]$/, ""));
    return {
      kind: "which-app",
      message: `More than one app has a status comment there: ${slugs.join(", ")}. Name yours: --app ${slugs[0]}.`,
    };
  }
  const login = logins[0] ?? botLogin;
  const identity = { appId: mine[0]?.appId ?? 0, botLogin: login ?? "[bot]", slug: "" };
  return { identity, known: login === null ? "unknown" : named === null ? "guessed" : "named" };
}

/** Nothing is known beforehand. GitHub is asked about other repositories of the installation when one is named. */
export class IndexWithoutStore extends MemoryIndex {
  readonly #read: Pick<GitHubReader, "repository">;
  readonly #home: Repository;

  constructor(read: Pick<GitHubReader, "repository">, home: Repository) {
    super();
    this.#read = read;
    this.#home = home;
  }

  override async repositoryByName(name: string) {
    const [owner = "", repository = ""] = name.split("/");
    const known = await super.repositoryByName(name);
    if (known !== null || !sameLogin(owner, this.#home.owner)) return known;
    const facts = await this.#read.repository({ ...this.#home, id: 0, owner, name: repository });
    if (facts === "missing") return null;
    await this.saveRepository({ ...this.#home, id: facts.id, owner: facts.owner, name: facts.name }, {});
    return await super.repositoryByName(name);
  }
}

/** The server knows from its store which labels exist; here GitHub is asked. */
async function withLabels(seen: IncidentObservation, read: Pick<GitHubReader, "labels">): Promise<IncidentObservation> {
  const there = await read.labels(seen.repository);
  const known = allLabels(seen.policy.policy).filter(({ name }) => hasLabel(there, name));
  return { ...seen, labelsThere: known.map(({ name }) => name) };
}

async function notThere(
  found: Elsewhere,
  { policies }: ObserveParts,
  repository: Repository,
  number: number,
): Promise<Problem> {
  const here = `${fullName(repository)}#${number}`;
  switch (found.kind) {
    case "not-an-incident": {
      const { policy } = (await policies.rules(repository)).policy;
      const labels = policy.severities.map(({ label }) => label).join(", ");
      return { kind: found.kind, message: `${here} is no incident. A severity label makes it one: ${labels}.` };
    }
    case "gone":
      return { kind: "no-issue", message: `There is no issue ${here} that may be read. Look at the number.` };
    case "moved": {
      const to = `${found.to.repository ?? fullName(repository)}#${found.to.number}`;
      return { kind: "moved", message: `${here} was moved: ask for ${to}.` };
    }
    case "renamed":
      return {
        kind: "moved",
        message: `The repository is named ${fullName(found.repository)} now: ask for it there.`,
      };
  }
}

/** What cannot be known from here. */
function notKnown({ app, stores }: LookParts): readonly string[] {
  const always = "since when the server has waited for answers of GitHub: after 15 minutes it does without";
  const onlyStored = [
    "alerts, pages to other systems, and what was sent to or asked in a chat",
    "links to the incident that no pass has taken into its record yet",
    "whether an older record was put back",
    "the last good policy, where the file is broken now",
  ];
  const onlyApp = "what GitHub shows the app and not this token, or the other way round";
  return [...(stores === null ? onlyStored : []), ...(app === null ? [onlyApp] : []), always];
}
