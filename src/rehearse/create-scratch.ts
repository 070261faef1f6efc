import type { PlainAsk } from "../systems/github/create-plain-asker.ts";
import { isDone, numberAt, saidBy, textAt } from "./answer.ts";
import type { AskedRequest, Pace } from "./pace.ts";
import { RehearsalOverError } from "./rehearsal-over-error.ts";
import type { AppSide, Asker, Scratch } from "./scratch.ts";

/** What a scratch repository is made of; those who ask have no pace yet. */
export interface ScratchParts
  extends Pick<
    Scratch,
    "owner" | "name" | "id" | "defaultBranch" | "isPrivate" | "me" | "mark" | "patienceMs" | "story"
  > {
  readonly pace: Pace;
  readonly person: PlainAsk;
  readonly app:
    | (Pick<AppSide, "appId" | "botLogin"> & { readonly installation: PlainAsk; readonly whole: PlainAsk })
    | null;
  readonly say: (words: string) => void;
}

/** The scratch repository, with everything at the rehearsal's pace. It asks nothing until it is used. */
export function createScratch(parts: ScratchParts): Scratch {
  const { pace, mark, defaultBranch, patienceMs, say } = parts;
  const person = createAsker(parts, "you", parts.person);
  let trial: Promise<number> | null = null;

  async function makeTrialIssue(): Promise<number> {
    const issue = { title: `A plain issue for trials (${mark})`, body: "Made by `sevgate rehearse`." };
    const answer = await person.ask("POST /repos/{owner}/{repo}/issues", issue);
    const number = numberAt(answer.data, "number");
    if (!isDone(answer) || number === null) throw new RehearsalOverError(`no issue can be opened: ${saidBy(answer)}`);
    return number;
  }

  return {
    ...parts,
    person,
    app: parts.app === null ? null : appSide(parts, parts.app),
    begunAt: pace.now(),
    betweenLooksMs: pace.betweenLooksMs,
    trialIssue() {
      trial ??= makeTrialIssue();
      return trial;
    },
    async branch(suffix) {
      const name = `${mark}-${suffix}`;
      const tip = await person.ask("GET /repos/{owner}/{repo}/git/ref/{ref}", { ref: `heads/${defaultBranch}` });
      const from = textAt(tip.data, "object", "sha");
      const made = await person.ask("POST /repos/{owner}/{repo}/git/refs", { ref: `refs/heads/${name}`, sha: from });
      const file = await person.ask("PUT /repos/{owner}/{repo}/contents/{path}", {
        path: `${mark}/${suffix}.txt`,
        branch: name,
        message: `Rehearse: ${suffix}`,
        content: Buffer.from(`${suffix}\n`).toString("base64"),
      });
      const sha = textAt(file.data, "commit", "sha");
      if (!isDone(made) || sha === null) {
        throw new RehearsalOverError(`no branch can be made: ${saidBy(isDone(made) ? file : made)}`);
      }
      return { name, sha };
    },
    async until(what, look, limitMs = patienceMs) {
      const begun = pace.now();
      for (;;) {
        const seen = await look();
        const ms = pace.now() - begun;
        if (seen !== null) return { seen, ms };
        if (ms >= limitMs) return null;
        say(`waiting for ${what}, ${Math.round(ms / 1_000)} s`);
        // Often at first, so that what is quick is timed well.
        await pace.pause(Math.min(pace.betweenLooksMs, Math.max(ms / 2, pace.betweenLooksMs / 4)));
      }
    },
    pause: (ms) => pace.pause(ms),
  };
}

function appSide(parts: ScratchParts, app: NonNullable<ScratchParts["app"]>): AppSide {
  return {
    appId: app.appId,
    botLogin: app.botLogin,
    installation: createAsker(parts, "app", app.installation),
    whole: createAsker(parts, "app (JWT)", app.whole),
  };
}

function createAsker({ owner, name, pace }: ScratchParts, as: AskedRequest["as"], ask: PlainAsk): Asker {
  return {
    ask: (route, parameters = {}, options = {}) =>
      pace.send(as, route, !route.startsWith("GET "), () =>
        ask(route, placed(route, owner, name, parameters), options),
      ),
    graphql: (query, variables = {}) =>
      pace.send(as, `POST /graphql (${nameOf(query)})`, /^\s*mutation\b/.test(query), () =>
        ask("POST /graphql", { query, variables }),
      ),
  };
}

function placed(route: string, owner: string, repo: string, parameters: Readonly<Record<string, unknown>>) {
  return route.includes("{owner}") ? { owner, repo, ...parameters } : parameters;
}

/** The first field that is asked for below the repository, or the mutation. */
function nameOf(document: string): string {
  return (
    /revertPullRequest|deleteIssue|closingIssuesReferences|userContentEdits|__type|comments/.exec(document)?.[0] ??
    "query"
  );
}
