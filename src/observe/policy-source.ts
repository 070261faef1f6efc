import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import * as z from "zod";
import type { Clock } from "../base/clock.ts";
import { TerminalError, TransientError } from "../base/errors.ts";
import { channelName } from "../core/chat/allowed-channels.ts";
import type { Instant, Repository } from "../core/model.ts";
import { fullName } from "../core/names.ts";
import type {
  OnCallInForce,
  PolicyInForce,
  TemplateProblem,
  TemplateSource,
  TemplateSources,
} from "../core/observation.ts";
import { ON_CALL_PATH } from "../core/oncall/parse-on-call.ts";
import { defaultPolicy } from "../core/policy/default-policy.ts";
import { keptPolicy } from "../core/policy/kept-policy.ts";
import { type MisnamedFile, misnamedFile } from "../core/policy/misnamed-file.ts";
import { isOwnersRepository, ownersRepository } from "../core/policy/owners-repository.ts";
import { extendsOwner, POLICY_PATH, parsePolicy } from "../core/policy/parse.ts";
import type { Policy } from "../core/policy/policy.ts";
import { MOST_POST_MORTEM_TEMPLATES, templateNameIn } from "../core/policy/post-mortem-template.ts";
import { requiresLines } from "../core/policy/requires-lines.ts";
import { runsInOf, WhoRuns } from "../core/policy/runs-in.ts";
import { readJson } from "../core/read-json.ts";
import { templateProblem } from "../core/render/liquid.ts";
import { TEMPLATES_PATH } from "../core/render/template-notice.ts";
import type { IndexReader, KnownRepository } from "../store/index-store.ts";
import {
  type FileFacts,
  type FolderEntry,
  type GitHubReader,
  type Missing,
  MOST_IN_FOLDER,
} from "../systems/github/ports.ts";
import type { LearnedInLook } from "./learned-in-look.ts";
import { createOnCallInForce, OnCallState, readOnCallState } from "./on-call-state.ts";
import { parseRepositoryPolicy } from "./parse-repository-policy.ts";
import { readOwnerPolicy } from "./read-owner-policy.ts";

/** A push to the default branch brings a new policy at once; this is for pushes we were not told about. */
const READ_AGAIN_AFTER_MS = 3_600_000;

/** The policy, the on-call schedule and the templates a pass works from. */
export interface Rules {
  /** Who runs the repository; what was known before where the file does not tell. `unclear`: nothing was. */
  readonly runsIn: WhoRuns;
  readonly policy: PolicyInForce;
  readonly onCall: OnCallInForce;
  readonly templates: TemplateSources;
  /** From the folders these files belong in. */
  readonly misnamed: readonly MisnamedFile[];
}

/** Where the on-call file and the templates are. */
const SETTINGS_FOLDER = ".github/sevgate";
const NO_TEMPLATES = { templates: {}, files: [] };
const NO_ON_CALL: OnCallState = { kind: "absent", problems: [], lastGood: null };

/** How many misnamed files are kept; people fix the first ones first. */
const MOST_MISNAMED = 10;

const Problem = z.object({ line: z.number(), column: z.number(), path: z.string(), message: z.string() });
const State = z.object({
  kind: z.enum(["valid", "absent", "invalid"]),
  runsIn: WhoRuns.default("server"),
  file: z.string(),
  problems: z.array(Problem),
  templates: z.object({
    incident: z.string().optional(),
    postMortem: z.string().optional(),
    postMortemFor: z.record(z.string(), z.string()).optional(),
    status: z.string().optional(),
    problems: z.array(z.object({ file: z.string(), message: z.string() })).optional(),
  }),
  onCall: OnCallState,
  misnamed: z.array(z.object({ path: z.string(), meant: z.string() })).default([]),
});

type State = z.output<typeof State>;

/** Reads policies. */
export interface PolicySource {
  /**
   * The rules in force: the repository's file, its owner's, or the built-in default; the last good ones if the file is
   * broken or GitHub does not answer.
   *
   * @throws TransientError when GitHub does not answer and nothing is known from before: then there is no verdict
   */
  rules(repository: Repository): Promise<Rules>;
}

/** What policies of one look are known by, and what it learns of them. */
interface LookedThrough {
  readonly index: Pick<IndexReader, "repository">;
  readonly learned: LearnedInLook;
}

/**
 * Makes the policy sources of looks. GitHub is asked only if the index does not know, or was told to ask again; each
 * version of a file is parsed once for all looks.
 */
export function createPolicySources(parts: {
  readonly read: GitHubReader;
  readonly clock: Clock;
  /** The built-in ones (templates/). */
  readonly templates: TemplateSources;
}): (through: LookedThrough) => PolicySource {
  const { read, clock, templates } = parts;
  const parsed = new LRUCache<string, Policy>({ max: 500 });
  const lines = new LRUCache<string, ReadonlyMap<string, number>>({ max: 500 });
  const onCallInForce = createOnCallInForce();

  async function rules({ index, learned }: LookedThrough, repository: Repository): Promise<Rules> {
    const known = await index.repository(repository.id);
    const state = stateOf(known);
    if (known !== null && state !== null && isReadLately(known, clock.now())) {
      return inForce(known.lastGoodPolicy, state, false);
    }
    try {
      return await readRules(learned, repository, known);
    } catch (error) {
      if (!(error instanceof TransientError) || known === null || state === null) throw error;
      return inForce(known.lastGoodPolicy, state, true);
    }
  }

  async function readRules(
    learned: LearnedInLook,
    repository: Repository,
    known: KnownRepository | null,
  ): Promise<Rules> {
    // Most repositories have no such folder, or nothing of ours in it, so that no more has to be asked of them.
    const beside = await folderOf(repository, ".github");
    const found = await findPolicy(repository, mayHold(beside, POLICY_PATH));
    const folder = mayHold(beside, SETTINGS_FOLDER) ? await folderOf(repository, SETTINGS_FOLDER) : "missing";
    const { templates: own, files } = mayHold(folder, TEMPLATES_PATH) ? await ownTemplates(repository) : NO_TEMPLATES;
    const onCall = mayHold(folder, ON_CALL_PATH)
      ? await readOnCallState(read, repository, stateOf(known)?.onCall.lastGood ?? null)
      : NO_ON_CALL;
    const seen = [...(found.source === POLICY_PATH ? [] : filesIn(beside)), ...filesIn(folder), ...files];
    const misnamed = seen.flatMap((path) => misnamedFile(path) ?? []).slice(0, MOST_MISNAMED);
    let lastGood = known?.lastGoodPolicy ?? null;
    let state: State;
    const others = { templates: own, onCall, misnamed };
    const before = stateOf(known)?.runsIn ?? null;
    if (found.kind === "absent") {
      lastGood = null;
      state = { kind: "absent", runsIn: "server", file: POLICY_PATH, problems: [], ...others };
    } else if (found.kind === "unusable") {
      const problem = { line: 1, column: 1, path: "", message: found.why };
      state = { kind: "invalid", runsIn: before ?? "unclear", file: found.source, problems: [problem], ...others };
    } else {
      // One that many repositories use builds on nothing.
      const isOwners = found.source !== POLICY_PATH;
      const result = isOwners
        ? parsePolicy(found.file.text, { kind: "itself" })
        : await parseRepositoryPolicy(read, repository, found.file.text);
      if (result.kind === "valid") {
        lastGood = { text: result.text, sha: versionOf(found.file, result.text), source: found.source };
        state = { kind: "valid", runsIn: result.policy["runs-in"], file: found.source, problems: [], ...others };
      } else {
        const problems = result.problems.slice(0, 20).map((one) => ({ ...one }));
        const told = await runsInBroken(repository, found.file.text);
        const runsIn = told === "unclear" ? (before ?? told) : told;
        state = { kind: "invalid", runsIn, file: found.source, problems, ...others };
      }
    }
    const now = inForce(lastGood, state, false);
    const fields = {
      lastGoodPolicy: lastGood,
      policyState: JSON.stringify(state),
      policyReadAt: clock.now() as Instant,
      // What happened while another ran it, nobody here has heard of.
      ...(before !== null && before !== state.runsIn ? { sweptAt: null } : {}),
      // What the action runs is not offered in a chat.
      slackChannel: state.runsIn === "action" ? null : channelName(now.policy.policy.slack.channel),
      severityLabels: now.policy.policy.severities.map((severity) => severity.label),
      postMortemLabel: now.policy.policy["post-mortem"].label,
    };
    learned.noteRepository(repository, fields, known);
    return now;
  }

  type Found =
    | { readonly kind: "absent"; readonly source: null }
    | { readonly kind: "found"; readonly file: FileFacts; readonly source: string }
    | { readonly kind: "unusable"; readonly why: string; readonly source: string };

  /** @param mayBeHere whether the repository may have one of its own */
  async function findPolicy(repository: Repository, mayBeHere: boolean): Promise<Found> {
    const shared = isOwnersRepository(repository) ? [] : [ownersRepository(repository)];
    const places = [...(mayBeHere ? [repository] : []), ...shared];
    for (const place of places) {
      const source = place === repository ? POLICY_PATH : `${fullName(place)}/${POLICY_PATH}`;
      try {
        const file = await read.file(place, POLICY_PATH);
        if (file !== "missing") return { kind: "found", file, source };
      } catch (error) {
        if (!(error instanceof TerminalError)) throw error;
        // Having no access to the owner's repository is like there being none; the repository's own file must not be
        // skipped like that.
        if (place === repository) return { kind: "unusable", why: error.message, source };
      }
    }
    return { kind: "absent", source: null };
  }

  /** Who runs a repository whose policy, or the owner's below it, cannot be used. */
  async function runsInBroken(repository: Repository, text: string): Promise<WhoRuns> {
    const own = runsInOf(text);
    if (own !== null || !extendsOwner(text)) return own ?? "server";
    const below = await readOwnerPolicy(read, repository);
    return below.kind === "text" ? (runsInOf(below.text) ?? "server") : "server";
  }

  async function ownTemplates(
    repository: Repository,
  ): Promise<{ readonly templates: State["templates"]; readonly files: readonly string[] }> {
    const folder = await read.folder(repository, TEMPLATES_PATH);
    if (typeof folder === "string") return { templates: {}, files: [] };
    const problems: TemplateProblem[] = [];
    const text = async (name: string) => {
      const path = `${TEMPLATES_PATH}/${name}.md`;
      if (!filesIn(folder).includes(path)) return undefined;
      try {
        const file = await read.file(repository, path);
        if (file === "missing") return undefined;
        const message = templateProblem(file.text);
        if (message === null) return file.text;
        problems.push({ file: path, message });
      } catch (error) {
        // A link, or too large: that is no reason for an incident to go without its status comment.
        if (!(error instanceof TerminalError)) throw error;
        problems.push({ file: path, message: `cannot be read (${error.message.replace(/\.$/, "")})` });
      }
      return undefined;
    };
    const names = filesIn(folder).flatMap((path) => templateNameIn(path.slice(TEMPLATES_PATH.length + 1)) ?? []);
    const wanted = [...new Set(names)].sort();
    for (const name of wanted.slice(MOST_POST_MORTEM_TEMPLATES)) {
      const message = `is one of more than ${MOST_POST_MORTEM_TEMPLATES} for a label or severity: remove some`;
      problems.push({ file: `${TEMPLATES_PATH}/post-mortem.${name}.md`, message });
    }
    const [incident, postMortem, status, ...others] = await Promise.all([
      text("incident"),
      text("post-mortem"),
      text("status"),
      ...wanted.slice(0, MOST_POST_MORTEM_TEMPLATES).map((name) => text(fileOf(folder, name))),
    ]);
    const postMortemFor = Object.fromEntries(
      wanted.flatMap((name, at) => (others[at] === undefined ? [] : [[name, others[at]]])),
    );
    const templates = {
      ...(incident === undefined ? {} : { incident }),
      ...(postMortem === undefined ? {} : { postMortem }),
      ...(Object.keys(postMortemFor).length === 0 ? {} : { postMortemFor }),
      ...(status === undefined ? {} : { status }),
      ...(problems.length === 0 ? {} : { problems }),
    };
    return { templates, files: filesIn(folder) };
  }

  async function folderOf(repository: Repository, folder: string): Promise<Listed> {
    try {
      const found = await read.folder(repository, folder);
      return found === "not-a-folder" ? "missing" : found;
    } catch (error) {
      if (error instanceof TerminalError) return "unlisted";
      throw error;
    }
  }

  function inForce(lastGood: KnownRepository["lastGoodPolicy"], state: State, unreachable: boolean): Rules {
    const policy = lastGood === null ? defaultPolicy() : parse(lastGood);
    const invalid = { kind: "invalid", file: state.file, problems: state.problems } as const;
    const trouble = state.kind === "invalid" ? invalid : unreachable ? ({ kind: "unreachable" } as const) : null;
    return {
      runsIn: state.runsIn,
      policy: { policy, source: lastGood?.source ?? null, requiresLines: linesOf(lastGood), trouble },
      onCall: onCallInForce(state.onCall, unreachable),
      templates: {
        incident: first(state.templates.incident, templates.incident),
        postMortem: first(state.templates.postMortem, templates.postMortem),
        postMortemFor: new Map(Object.entries(state.templates.postMortemFor ?? {})),
        status: first(state.templates.status, templates.status),
        problems: state.templates.problems ?? [],
      },
      misnamed: state.misnamed,
    };
  }

  function parse(lastGood: { readonly text: string; readonly sha: string }): Policy {
    const cached = parsed.get(lastGood.sha);
    if (cached !== undefined) return cached;
    const policy = keptPolicy(lastGood);
    parsed.set(lastGood.sha, policy);
    return policy;
  }

  function linesOf(lastGood: KnownRepository["lastGoodPolicy"]): ReadonlyMap<string, number> {
    if (lastGood === null) return new Map();
    const known = lines.get(lastGood.sha) ?? requiresLines(lastGood.text);
    lines.set(lastGood.sha, known);
    return known;
  }

  return (through) => {
    const looks = new Map<string, Promise<Rules>>();
    return {
      async rules(repository) {
        const id = `${repository.id} ${fullName(repository)}`;
        const look = looks.get(id) ?? rules(through, repository);
        looks.set(id, look);
        // A failure is no answer: who asks again may get one.
        look.catch(() => looks.delete(id));
        return await look;
      },
    };
  };
}

/** By what a kept text is known: its file's sha, or what it says if it was laid over another. */
function versionOf(file: FileFacts, text: string): string {
  return text === file.text ? file.sha : createHash("sha256").update(text).digest("hex");
}

/** What a folder holds. `unlisted`: it cannot be listed, which does not mean that it is missing. */
type Listed = readonly FolderEntry[] | Missing | "unlisted";

/** The file of a template for a label or severity, as the folder spells it, without its ending. */
function fileOf(folder: readonly FolderEntry[], name: string): string {
  const files = filesIn(folder).map((path) => path.slice(TEMPLATES_PATH.length + 1));
  return (files.find((file) => templateNameIn(file) === name) ?? "").replace(/\.md$/, "");
}

function mayHold(folder: Listed, path: string): boolean {
  if (folder === "missing") return false;
  return folder === "unlisted" || folder.length >= MOST_IN_FOLDER || folder.some((entry) => entry.path === path);
}

function filesIn(folder: Listed): readonly string[] {
  if (folder === "missing" || folder === "unlisted") return [];
  return folder.flatMap(({ path, kind }) => (kind === "file" ? [path] : []));
}

/** Whether the policy need not be read again. */
export function isReadLately({ policyReadAt }: Pick<KnownRepository, "policyReadAt">, now: Instant): boolean {
  return policyReadAt !== null && now - policyReadAt < READ_AGAIN_AFTER_MS;
}

/** What the index remembers of the on-call file; `null`: nothing yet. */
export function onCallStateOf(known: KnownRepository): OnCallState | null {
  return stateOf(known)?.onCall ?? null;
}

function stateOf(known: KnownRepository | null): State | null {
  return readJson(State, known?.policyState);
}

function first(own: string | undefined, builtIn: TemplateSource): TemplateSource {
  return own === undefined ? builtIn : [own, ...builtIn];
}
