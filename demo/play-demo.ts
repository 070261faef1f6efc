import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { PEOPLE } from "../testkit/emulator.ts";
import { makeReport } from "./make-report.ts";
import { renderThreadPage, type ThreadPage, versionOf } from "./page/render-thread-page.ts";
import { keepThePromises, type PlayedIncident, playIncident } from "./play-incident.ts";
import { type ServedPage, servePage } from "./serve-page.ts";
import { type RaisedStage, readPage, Stage } from "./stage.ts";
import { Teller } from "./teller.ts";
import { NotSeenError } from "./until.ts";
import { FULL_NAME, type Login } from "./world.ts";

export interface DemoOptions {
  /** Everything stays up afterwards, until Ctrl-C. */
  readonly keep: boolean;
  /** Where the page is written; the report goes beside it. */
  readonly output: string;
  /** What to type to play it again. */
  readonly again: string;
}

const LOG_TAIL_LINES = 20;
/** The emulator allows 5,000 requests per hour for each token, so an unchanged page is not read again and again. */
const REREAD_AFTER_MS = 10_000;
const EXIT_FAILED = 1;
/** Shells report 128 plus the number of the signal. */
const EXIT_OF_SIGNAL = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Plays an incident with the real server on an embedded GitHub, and tells it line by line. It ends the process itself where
 * a signal does, and leaves nothing behind.
 *
 * @returns the exit code; with `keep`, everything stays up after that, until a signal ends the process
 */
export async function playDemo(options: DemoOptions): Promise<0 | 1> {
  const teller = new Teller({
    write: (text) => process.stdout.write(text),
    isColored: process.stdout.isTTY === true && !process.env["NO_COLOR"],
    width: process.stdout.columns ?? 100,
  });
  const stage = new Stage();
  // Whatever ends this process, nothing is left behind. (The server ends with it, see startSevgate.)
  process.on("exit", () => {
    stage.removeFolder();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      teller.say();
      teller.say("Stopped. Nothing is left running.");
      process.exit(options.keep && signal === "SIGINT" ? 0 : EXIT_OF_SIGNAL[signal]);
    });
  }
  let code: 0 | 1 = 0;
  try {
    await demo(options, stage, teller);
  } catch (error) {
    const what = error instanceof NotSeenError ? `Expected: ${error.message}` : `It broke off: ${describe(error)}`;
    teller.fail(what, stage.log.slice(-LOG_TAIL_LINES));
    code = EXIT_FAILED;
  } finally {
    if (code === EXIT_FAILED || !options.keep) await stage.takeDown();
  }
  return code;
}

async function demo(options: DemoOptions, stage: Stage, teller: Teller): Promise<void> {
  const begunAt = performance.now();
  teller.say(
    "Sevgate turns GitHub issues into incidents. This is one, from its alert to what is learned from it.",
    "bold",
  );
  teller.say();
  const raised = await stage.raise(teller);
  const { server } = raised;
  teller.say();
  teller.say("People act over the APIs with accounts of their own; Sevgate hears of it by signed requests.", "gray");
  teller.say("This GitHub has no reactions, pins or sidebar links: Sevgate goes on without them.", "gray");

  const requests = () => server.metric("sevgate_github_requests_total");
  const requestsBefore = await requests();
  const died = server.ended.then((how) => {
    throw new NotSeenError(`the server stays up; it ended by itself (${how})`);
  });
  const file = resolve(options.output);
  mkdirSync(dirname(file), { recursive: true });
  const played = await Promise.race([play(raised, teller), died]);
  died.catch(() => {});

  const reportFile = join(dirname(file), "report.html");
  writeFileSync(file, renderThreadPage({ ...(await readPage(raised)), report: basename(reportFile) }));
  writeFileSync(reportFile, await makeReport(raised, "html"));
  const requestsForIt = (await requests()) - requestsBefore;
  teller.say();
  teller.say(`Done in ${((performance.now() - begunAt) / 1_000).toFixed(1)} s.`, ["bold", "green"]);
  teller.say(`  From the alert to the status comment: ${Math.round(played.alertToStatusMs)} ms.`);
  teller.say(
    `  Requests Sevgate sent to GitHub for all this: ${requestsForIt}. github.com allows 5,000 an hour and more.`,
  );
  teller.say("  The incident as GitHub and Slack would show it:");
  teller.verbatim(`    ${file}`);
  teller.say("  How long it took, the report:");
  teller.verbatim(`    ${reportFile}`);
  if (options.keep) await invite(raised, played, teller);
  else teller.say(`  Play with it yourself: ${options.again}`);
}

/** The incident, and what becomes of what was promised in its post-mortem. */
async function play(raised: RaisedStage, teller: Teller): Promise<PlayedIncident> {
  const played = await playIncident({ ...raised, teller });
  await keepThePromises({ ...raised, teller }, played, () => makeReport(raised, "md"));
  return played;
}

/** Leaves everything up and says what to try. */
async function invite(raised: RaisedStage, { incident }: PlayedIncident, teller: Teller): Promise<void> {
  const { github, server, world } = raised;
  const page = await servePage(cached(raised), () => makeReport(raised, "html"));
  const there = await world.issues();
  const next = Math.max(...[...there, ...(await world.pullRequests())].map((one) => one.number)) + 1;
  const left = there.find(({ labels, state }) => state === "open" && JSON.stringify(labels).includes("action-item"));
  const list = there.find(({ title }) => title === "Incident follow-ups");
  const issues = `${github.url}/repos/${FULL_NAME}/issues`;
  teller.say();
  teller.say("Everything stays up. Open this page, it follows what you do:", "bold");
  teller.verbatim(`  ${page.url}`);
  teller.verbatim(`  ${page.url}report   how long it took: what sevgate report prints now`);
  teller.say();
  teller.say("1. Open an incident as bob:", "bold");
  teller.verbatim(curl("bob", "POST", issues, { title: "Search is slow", labels: ["sev:P1"] }));
  teller.say(`2. Post an update, as alice (#${next} is the new issue):`, "bold");
  teller.verbatim(curl("alice", "POST", `${issues}/${next}/comments`, { body: "/status rebuilding the index" }));
  teller.say("3. Close it, and see it come back:", "bold");
  teller.verbatim(curl("bob", "PATCH", `${issues}/${next}`, { state: "closed" }));
  teller.say(
    `4. Put off what is left of the incident that is over, and see it in #${list?.number} Incident follow-ups:`,
    "bold",
  );
  const snooze = `/snooze #${left?.number} 14d the vendor ships an alert for it next week`;
  teller.verbatim(curl("bob", "POST", `${issues}/${incident}/comments`, { body: snooze }));
  teller.say();
  teller.say("Tokens, each with the role it has:", "bold");
  for (const [login, token] of Object.entries(github.tokens)) {
    teller.verbatim(`  ${login.padEnd(9)}${PEOPLE[login as Login].padEnd(10)}${token}`);
  }
  teller.say();
  teller.verbatim(`  GitHub   ${github.url}`);
  teller.verbatim(`  Sevgate  ${server.url}   /healthz /readyz /metrics`);
  teller.say();
  teller.say("Ctrl-C ends it and leaves nothing behind.");
  void server.ended.then((how) => {
    teller.fail(`The server ended by itself (${how}).`, server.log.slice(-LOG_TAIL_LINES));
    process.exit(EXIT_FAILED);
  });

  function curl(login: Login, method: string, url: string, body: unknown): string {
    const data = JSON.stringify(body);
    return `  curl -sS -o /dev/null -X ${method} -H 'authorization: Bearer ${github.tokens[login]}' ${url} -d '${data}'`;
  }
}

/** Reads the page again when a webhook says that something changed, and now and then. */
function cached(raised: RaisedStage): () => Promise<ServedPage> {
  let last = { page: { html: "", version: "" }, webhooks: -1, at: 0 };
  return async () => {
    const webhooks = raised.github.webhooks.length;
    if (webhooks !== last.webhooks || performance.now() - last.at > REREAD_AFTER_MS) {
      const page: ThreadPage = { ...(await readPage(raised)), report: "report", live: true };
      last = { page: { html: renderThreadPage(page), version: versionOf(page) }, webhooks, at: performance.now() };
    }
    return last.page;
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
