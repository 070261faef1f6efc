import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import type { KnownSetting } from "../base/known-setting.ts";
import { VERSION } from "../base/version.ts";
import type { Instant, Millis } from "../core/model.ts";
import { BYPASSES, type Bypass } from "../core/protection/ruleset.ts";
import { EXAMPLES, examplesHelp } from "./examples.ts";
import { EXIT_CODES, exitCodesHelp } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

const AS_JSON = "one JSON object instead of lines";

/**
 * The command line of `sevgate`, with everything that `--help` says. What a command needs is loaded when it is called.
 *
 * @param settings what the server reads from the environment
 */
export function createProgram(settings: readonly KnownSetting[]): Command {
  const program = new Command("sevgate")
    .description("Turns labeled GitHub issues into incidents and keeps them open until the team has learned something.")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(sevgate --help lists the commands)")
    .addHelpText(
      "after",
      "\nJust look: sevgate demo. First time: sevgate setup --url https://YOUR-SERVER, then sevgate start.",
    );

  const command = (name: keyof typeof EXIT_CODES, description: string) =>
    program
      .command(name)
      .description(description)
      .addHelpText("after", exitCodesHelp(EXIT_CODES[name]))
      .addHelpText("afterAll", examplesHelp(EXAMPLES[name]));

  command("demo", "play an incident on a GitHub and a Slack inside this program: no account, no network")
    .option("--keep", "leave everything up afterwards, with a page to watch and lines to try, until Ctrl-C")
    .option("--output <FILE>", "where to write the page, and the report beside it", "demo-output/incident.html")
    .addHelpText("after", "\nWhat it shows, and what it cannot: docs/install/demo.md")
    .action(async (options: { readonly keep?: boolean; readonly output: string }) => {
      const { demo } = await import("./demo.ts");
      process.exitCode = await demo({ keep: options.keep ?? false, output: options.output });
    });

  command("start", "run the server, until SIGTERM or SIGINT")
    .addHelpText("after", settingsHelp(settings))
    .action(async () => {
      const { start } = await import("./start.ts");
      await start();
    });

  command("setup", "create the GitHub App in the browser and write .env")
    .option("--url <URL>", "where GitHub will reach the server")
    .option("--organization <NAME>", "let an organization own the app")
    .addOption(
      new Option("--owner <LOGIN>", "your login, if you own the app yourself: for its name").conflicts("organization"),
    )
    .option("--name <NAME>", "the app's name, unique on all of GitHub; without it, Sevgate and the owner")
    .option("--github, --github-url <URL>", "a GitHub Enterprise Server", "https://github.com")
    // Not --env-file: Node takes an option of that name as its own, wherever it is.
    .option("--write-to <FILE>", "where to write the settings", ".env")
    .addOption(
      new Option(
        "--elsewhere",
        "the browser is on another machine: a file goes there, an address is pasted here",
      ).conflicts("port"),
    )
    .option("--page <FILE>", "with --elsewhere: the file to open there (default: sevgate-setup.html)")
    .addOption(new Option("--port <NUMBER>", "port of the local page").argParser(portNumber).default(0, "a free one"))
    .option("--force", "replace settings that are there already")
    .addHelpText("after", "\nWithout a browser at all, or step by step: docs/install/by-hand.md")
    .action(async (options: SetupArguments) => {
      refuseWithout(options.elsewhere, "--elsewhere", { "--page": options.page });
      if (options.elsewhere === true && process.stdin.isTTY !== true) {
        throw new UsageError("--elsewhere needs a terminal, for the address that is pasted into it");
      }
      const { setup } = await import("./setup.ts");
      process.exitCode = await setup({
        url: options.url,
        organization: options.organization,
        owner: options.owner,
        name: options.name,
        githubUrl: options.githubUrl,
        githubApiUrl: process.env["GITHUB_API_URL"]?.trim() || null,
        manifestFile: new URL("../../app.yml", import.meta.url),
        envFile: options.writeTo,
        elsewhere: options.elsewhere ?? false,
        pageFile: options.page ?? "sevgate-setup.html",
        port: options.port,
        force: options.force ?? false,
        ask,
        say: (line) => console.log(line),
      });
    });

  command("init", "write the files a repository starts with into a clone: policy, issue forms, post-mortem template")
    .option("--repo <DIR>", "the root of the clone", ".")
    .option("--yes", "ask nothing, and take every default")
    .option("--action", "for running without a server: the workflow, a policy that says so, and one issue form")
    .option("--github-token", "with --action: use the token that every workflow has, not an app of your own")
    .option("--no-git", "write also where there is no git repository")
    .addHelpText(
      "after",
      "\nWhat is there already is kept. The three questions: which labels stand for severities, who is on call, what closing needs.",
    )
    .action(async (given: InitArguments) => {
      refuseWithout(given.action, "--action", { "--github-token": given.githubToken === true ? "" : undefined });
      const { init } = await import("./init.ts");
      process.exitCode = await init({
        folder: given.repo,
        yes: given.yes ?? false,
        git: given.git,
        action: given.action !== true ? null : given.githubToken === true ? "github-token" : "app",
        ask,
        now: Date.now() as Instant,
        zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      });
    });

  command(
    "validate",
    "check the policy and the templates of this repository, or one file, and say what the policy means",
  )
    .argument("[FILE]", "a policy, or a template (*.md); - reads a policy from standard input", undefined)
    .option("--base <FILE>", "compare the policy with this one: what is relaxed, what is tightened")
    .option("--owner <FILE>", "the owner's policy, for one that says `extends: owner`")
    .option("--json", AS_JSON)
    .action(async (file: string | undefined, options: ValidateArguments) => {
      const { validate } = await import("./validate.ts");
      process.exitCode = await validate({ ...options, file, json: options.json ?? false });
    });

  command("oncall", "say who is on call, why, and who comes next; --lint looks for holes")
    .option("--file <FILE>", "the schedule; - reads standard input", undefined)
    .option("--at <INSTANT>", "at another time than now: 2026-03-29T02:30, in the file's zone, or with Z or an offset")
    .option("--days <NUMBER>", "how many days of coming shifts", dayNumber)
    .option("--explain", "say why")
    .addOption(new Option("--lint", "look for holes and what else is odd").conflicts(["days", "explain"]))
    .option("--policy <FILE>", "with --lint: compare the escalation with this policy, not with that of its repository")
    .option("--json", AS_JSON)
    .addOption(
      new Option(
        "--calendar-url",
        "print the addresses of calendars instead; takes CALENDAR_SECRET from the environment",
      ).conflicts(["at", "days", "explain", "lint"]),
    )
    .option("--repo <ID>", "with --calendar-url: whose schedule it is, by the repository's id")
    .option("--role <NAME>", "with --calendar-url: the calendar of one role; without role and person, all of the file")
    .option("--person <LOGIN>", "with --calendar-url: the calendar of one person")
    .option("--base-url <URL>", "with --calendar-url: where the server answers; without it, paths are printed")
    .action(async (given: OnCallArguments) => {
      refuseWithout(given.calendarUrl, "--calendar-url", {
        "--repo": given.repo,
        "--role": given.role,
        "--person": given.person,
        "--base-url": given.baseUrl,
      });
      refuseWithout(given.lint, "--lint", { "--policy": given.policy });
      const options = {
        ...given,
        explain: given.explain ?? false,
        lint: given.lint ?? false,
        json: given.json ?? false,
      };
      if (options.calendarUrl === true) {
        const [{ calendarUrls }, { loadDotEnv }] = await Promise.all([
          import("./calendar-urls.ts"),
          import("../run/settings.ts"),
        ]);
        loadDotEnv();
        process.exitCode = await calendarUrls(options);
        return;
      }
      const { oncall } = await import("./oncall.ts");
      process.exitCode = await oncall(options);
    });

  command("runbooks", "list the runbooks of a repository on disk; --lint says what is wrong with them")
    .option("--lint", "look for dead links, no owner, no steps, and what is too old")
    .option("--path <DIR>", "the root of the repository", ".")
    .addOption(
      new Option("--older-than <DAYS>", "how long a runbook may go without a review")
        .argParser(days)
        .default(days(HALF_A_YEAR), HALF_A_YEAR),
    )
    .option("--json", AS_JSON)
    .action(async (options: RunbooksArguments) => {
      const [{ runbooks }, { withProgress }] = await Promise.all([import("./runbooks.ts"), import("./progress.ts")]);
      process.exitCode = await withProgress("sevgate runbooks", (step) =>
        runbooks({
          ...options,
          lint: options.lint ?? false,
          json: options.json ?? false,
          now: Date.now() as Instant,
          onStep: step,
        }),
      );
    });

  command(
    "explain",
    "say what an incident is and why, and what would be done now; reads GitHub once and writes nothing",
  )
    .argument("<INCIDENT>", "acme/ops#12, or the address of its issue")
    .option("--app <SLUG>", "with GITHUB_TOKEN: whose status comment counts; without it, the one app's that has one")
    .option("--json", `${AS_JSON} (schema/explain.schema.json)`)
    .addHelpText(
      "after",
      "\nIt takes the settings of the server, or GITHUB_TOKEN alone: then the record's seal is not checked.",
    )
    .action(async (place: string, options: { readonly app?: string; readonly json?: boolean }) => {
      const [{ explainIncident }, { withProgress }] = await Promise.all([
        import("./explain.ts"),
        import("./progress.ts"),
      ]);
      process.exitCode = await withProgress("sevgate explain", (step) => {
        step("asking GitHub");
        return explainIncident({ place, app: options.app, json: options.json ?? false });
      });
    });

  command("report", "say how long incidents took and how many there were; reads GitHub and writes nothing")
    .argument("[REPOSITORY...]", "acme/ops; without it, every repository the app is installed on")
    .option("--since <DAY>", "from this day on: 2026-01-01, or 30d before the end", "90d")
    .option("--until <DAY>", "up to before this day; without it, up to now")
    .addOption(
      new Option("--format <FORMAT>", "how it is printed").choices(["md", "html", "json", "csv"]).default("md"),
    )
    .option("--json", "the same as --format json (schema/report.schema.json)")
    .option("--open", "list only incidents that are open; the numbers stay those of all")
    .option("--app <SLUG>", "with GITHUB_TOKEN: whose status comments count; without it, the one app's that has some")
    .addHelpText(
      "after",
      "\nIt takes the settings of the server, or GITHUB_TOKEN alone: then seals of records are not checked.\nWhat each number means: docs/reports.md",
    )
    .action(async (repositories: readonly string[], given: ReportArguments) => {
      const [{ report }, { withProgress }] = await Promise.all([import("./report.ts"), import("./progress.ts")]);
      process.exitCode = await withProgress("sevgate report", (step) =>
        report({
          repositories,
          since: given.since,
          until: given.until,
          format: given.json === true ? "json" : given.format,
          onlyOpen: given.open ?? false,
          app: given.app,
          onStep: step,
        }),
      );
    });

  command(
    "simulate",
    "judge past incidents again by another policy or on-call file, and say what would have been different",
  )
    .argument("[REPOSITORY]", "acme/ops; without it, the one this folder is a clone of")
    .option("--policy <FILE>", "the policy to try; - reads standard input", undefined)
    .option("--on-call <FILE>", "the on-call file to try; - reads standard input", undefined)
    .option("--since <WHEN>", "incidents declared since then: days back, such as 30d, or a date (default: 90d)")
    .option("--app <SLUG>", "with GITHUB_TOKEN: whose status comments count; without it, the one app's that has them")
    .option("--json", `${AS_JSON} (schema/simulate.schema.json)`)
    .addHelpText(
      "after",
      "\nIt takes the settings of the server, or GITHUB_TOKEN alone: then records' seals are not checked. It writes nothing.",
    )
    .action(async (repository: string | undefined, given: SimulateArguments) => {
      const [{ simulate }, { withProgress }] = await Promise.all([import("./simulate.ts"), import("./progress.ts")]);
      process.exitCode = await withProgress("sevgate simulate", (step) =>
        simulate({
          repository,
          policy: given.policy,
          onCall: given.onCall,
          since: given.since,
          app: given.app,
          json: given.json ?? false,
          onStep: step,
        }),
      );
    });

  command("drill", "start a drill: open an incident for practice, as the app, with the settings of its server")
    .argument("<REPOSITORY>", "acme/ops")
    .option("--severity <NAME>", "as in the policy, such as P1; without it, the most severe one")
    .option("--json", AS_JSON)
    .addHelpText("after", "\nPeople are paged as for a real incident. What is different: docs/drills.md")
    .action(async (repository: string, options: { readonly severity?: string; readonly json?: boolean }) => {
      const [{ startDrill }, { withProgress }] = await Promise.all([import("./drill.ts"), import("./progress.ts")]);
      process.exitCode = await withProgress("sevgate drill", (step) => {
        step("asking GitHub");
        return startDrill({ repository, severity: options.severity, json: options.json ?? false });
      });
    });

  command(
    "protect",
    "show, and with --apply make, the rule that lets merges wait for sevgate/close-gate of your app alone",
  )
    .argument("[REPOSITORY]", "acme/ops")
    .option("--apply", "make the change, with the token of a person who may; without it, it is only shown")
    .option(
      "--force",
      "with --apply: also where the check has never been seen, or the policy keeps it from pull requests",
    )
    .addOption(
      new Option("--bypass <WHO>", "who may merge a pull request without the check, for the day Sevgate is down")
        .choices(BYPASSES)
        .default("admins"),
    )
    .option(
      "--app-id <ID>",
      "the App ID of your app; without it, APP_ID, else the app that has posted the check there",
      appId,
    )
    .addOption(
      new Option("--ruleset-json", "print a ruleset to import on GitHub's page of rulesets instead").conflicts([
        "apply",
        "force",
        "json",
      ]),
    )
    .option("--json", `${AS_JSON} (schema/protect.schema.json)`)
    .addHelpText(
      "after",
      "\nIt takes GITHUB_TOKEN or GH_TOKEN, of a person: an app's own token is refused. It changes nothing without --apply.",
    )
    .action(async (repository: string | undefined, given: ProtectArguments) => {
      refuseWithout(given.apply, "--apply", { "--force": given.force === true ? "" : undefined });
      if (repository === undefined && given.rulesetJson !== true) {
        throw new UsageError("Name the repository: sevgate protect acme/ops");
      }
      const [{ protect }, { withProgress }] = await Promise.all([import("./protect.ts"), import("./progress.ts")]);
      process.exitCode = await withProgress("sevgate protect", (step) => {
        step("asking GitHub");
        return protect({
          repository,
          apply: given.apply ?? false,
          force: given.force ?? false,
          bypass: given.bypass,
          appId: given.appId,
          rulesetJson: given.rulesetJson ?? false,
          json: given.json ?? false,
        });
      });
    });

  command(
    "rehearse",
    "play an incident in a scratch repository on GitHub, and say whether GitHub is as Sevgate assumes; cleans up",
  )
    .argument("<REPOSITORY>", "you/sevgate-scratch: one made for it; Sevgate has to run, and to be installed there")
    .option("--i-mean <REPOSITORY>", "the same once more, if neither its name nor a topic says that it is for trials")
    .option("--yes", "do not ask first")
    .option("--keep", "leave everything there, to look at it")
    .option("--clean-up", "only take away what an earlier rehearsal left")
    .option("--report <FILE>", "where to write the report; without it, sevgate-rehearsal-….md in this folder")
    .addOption(
      new Option("--patience <SECONDS>", "how long to wait for Sevgate at each step")
        .argParser(secondsNumber)
        .default(60_000, "60"),
    )
    .addOption(new Option("--pace <MS>").argParser(paceNumber).default(1_000).hideHelp())
    .option("--json", AS_JSON)
    .addHelpText(
      "after",
      `
What people do is done with GH_TOKEN or GITHUB_TOKEN, a token of your own. With the settings of the server (.env), the app is asked, too.
Ctrl-C stops it and cleans up. What it does and how to send the report: docs/rehearse.md`,
    )
    .action(async (repository: string, given: RehearseArguments) => {
      const [{ rehearse }, { withProgress }] = await Promise.all([import("./rehearse.ts"), import("./progress.ts")]);
      const [stop, stopCleanUp] = [new AbortController(), new AbortController()];
      const onSignal = () => {
        if (stop.signal.aborted) stopCleanUp.abort();
        else process.stderr.write("\nStopping, and cleaning up. Ctrl-C again leaves things as they are.\n");
        stop.abort();
      };
      const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
      for (const signal of signals) process.on(signal, onSignal);
      try {
        process.exitCode = await rehearse({
          repository,
          meant: given.iMean ?? null,
          yes: given.yes ?? false,
          json: given.json ?? false,
          report: given.report,
          keep: given.keep ?? false,
          cleanUpOnly: given.cleanUp ?? false,
          patienceMs: given.patience,
          paceMs: given.pace,
          during: (work) => withProgress("sevgate rehearse", work),
          ask,
          stop: stop.signal,
          stopCleanUp: stopCleanUp.signal,
        });
      } finally {
        for (const signal of signals) process.off(signal, onSignal);
      }
    });

  command("doctor", "look at a live installation, with the settings of its server, and say what to fix")
    .option("--url <URL>", "where the running server answers, for its metrics")
    .option("--json", `${AS_JSON} (schema/doctor.schema.json)`)
    .addHelpText(
      "after",
      "\nIt takes the settings of the server, from the environment or .env in this folder. It changes nothing.",
    )
    .action(async (options: { readonly url?: string; readonly json?: boolean }) => {
      const [{ doctor }, { withProgress }] = await Promise.all([import("./doctor.ts"), import("./progress.ts")]);
      process.exitCode = await withProgress("sevgate doctor", (step) =>
        doctor({ url: options.url, json: options.json ?? false, onStep: step }),
      );
    });

  command("healthcheck", "ask the server on this machine or in this container whether it is alive; for containers")
    .option("--ready", "ask whether it is ready: its store answers, and GitHub has said who the app is")
    .addHelpText(
      "after",
      "\nIt reads HOST and PORT as the server does. Restart what is not alive; send nothing to what is not ready.",
    )
    .action(async (options: { readonly ready?: boolean }) => {
      const { healthcheck } = await import("./healthcheck.ts");
      process.exitCode = await healthcheck({ ready: options.ready ?? false });
    });

  return program;
}

/** An option that another one is needed for is not passed over in silence. */
function refuseWithout(
  isThere: boolean | undefined,
  needed: string,
  given: Readonly<Record<string, string | undefined>>,
): void {
  if (isThere === true) return;
  const [useless] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (useless !== undefined) throw new UsageError(`${useless} does nothing without ${needed}: add it`);
}

const HALF_A_YEAR = "180d";

interface SetupArguments {
  readonly url?: string;
  readonly organization?: string;
  readonly owner?: string;
  readonly name?: string;
  readonly githubUrl: string;
  readonly writeTo: string;
  readonly elsewhere?: boolean;
  readonly page?: string;
  readonly port: number;
  readonly force?: boolean;
}

interface InitArguments {
  readonly repo: string;
  readonly yes?: boolean;
  readonly action?: boolean;
  readonly githubToken?: boolean;
  readonly git: boolean;
}

interface ValidateArguments {
  readonly base?: string;
  readonly owner?: string;
  readonly json?: boolean;
}

interface OnCallArguments {
  readonly file?: string;
  readonly at?: string;
  readonly days?: number;
  readonly explain?: boolean;
  readonly lint?: boolean;
  readonly policy?: string;
  readonly json?: boolean;
  readonly calendarUrl?: boolean;
  readonly repo?: string;
  readonly role?: string;
  readonly person?: string;
  readonly baseUrl?: string;
}

interface ReportArguments {
  readonly since: string;
  readonly until?: string;
  readonly format: "md" | "html" | "json" | "csv";
  readonly json?: boolean;
  readonly open?: boolean;
  readonly app?: string;
}

interface SimulateArguments {
  readonly policy?: string;
  readonly onCall?: string;
  readonly since?: string;
  readonly app?: string;
  readonly json?: boolean;
}

interface ProtectArguments {
  readonly apply?: boolean;
  readonly force?: boolean;
  readonly bypass: Bypass;
  readonly appId?: number;
  readonly rulesetJson?: boolean;
  readonly json?: boolean;
}

interface RehearseArguments {
  readonly iMean?: string;
  readonly yes?: boolean;
  readonly keep?: boolean;
  readonly cleanUp?: boolean;
  readonly report?: string;
  readonly patience: number;
  readonly pace: number;
  readonly json?: boolean;
}

interface RunbooksArguments {
  readonly lint?: boolean;
  readonly path: string;
  readonly olderThan: Millis;
  readonly json?: boolean;
}

/** Columns of a terminal that the help stays within. */
const HELP_WIDTH = 100;

function settingsHelp(settings: readonly KnownSetting[]): string {
  const width = Math.max(...settings.map(({ name }) => name.length));
  const lines = settings.map(({ name, default: usual, help }) => {
    const shown = usual === "" || usual === "required" ? usual : `default: ${usual}`;
    const first = `  ${name.padEnd(width)}  ${help}`;
    const end = shown === "" ? "" : `(${shown})`;
    if (end === "") return first;
    return first.length + 1 + end.length > HELP_WIDTH ? `${first}\n  ${" ".repeat(width)}  ${end}` : `${first} ${end}`;
  });
  const secrets = settings.filter(({ isSecret }) => isSecret).map(({ name }) => name);
  return [
    "\nSettings come from the environment, or from .env in this folder:",
    ...lines,
    "\nEach secret may be in a file that NAME_FILE names, such as RECORD_KEY_FILE:",
    ...inLines(secrets),
    "\nWhat each does: docs/operations.md",
  ].join("\n");
}

/** Words with commas between them, in lines that the help has room for. */
function inLines(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const [at, word] of words.entries()) {
    const shown = at < words.length - 1 ? `${word},` : word;
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + shown.length > HELP_WIDTH) lines.push(`  ${shown}`);
    else lines[lines.length - 1] = `${line} ${shown}`;
  }
  return lines;
}

function days(text: string): Millis {
  if (!/^[1-9]\d{0,3}d$/.test(text)) throw new InvalidArgumentError("It is a number of days, such as 180d.");
  return (Number.parseInt(text, 10) * 86_400_000) as Millis;
}

/** `null`: there is no terminal. Ctrl-C and Ctrl-D throw an error with the code `ABORT_ERR`. */
async function ask(question: string): Promise<string | null> {
  if (process.stdin.isTTY !== true) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

function appId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("It is the App ID, a number such as 123456.");
  return Number(text);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError("It is a number from 0 to 65535.");
  return port;
}

function dayNumber(text: string): number {
  const days = Number(text);
  if (!/^\d{1,3}$/.test(text) || days > 400) throw new InvalidArgumentError("It is a number from 0 to 400.");
  return days;
}

function secondsNumber(text: string): Millis {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It is a number of seconds, such as 60.");
  return (Number.parseInt(text, 10) * 1_000) as Millis;
}

function paceNumber(text: string): Millis {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError("It is a number of milliseconds, such as 1000.");
  return Number.parseInt(text, 10) as Millis;
}
