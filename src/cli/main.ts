import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError } from "commander";
import { VERSION } from "../base/version.ts";
import type { Instant, Millis } from "../core/model.ts";

const program = new Command("sevgate")
  .description("Turns labelled GitHub issues into incidents and keeps them open until the team has learnt something.")
  .version(VERSION)
  .showHelpAfterError("(sevgate --help lists the commands)")
  .addHelpText("after", "\nFirst time: sevgate setup --url https://your-server, then sevgate start.");

program
  .command("start")
  .description("run the server, until SIGTERM or SIGINT")
  .addHelpText(
    "after",
    `
Settings come from the environment, or from .env in this folder:
  APP_ID, PRIVATE_KEY or PRIVATE_KEY_PATH, WEBHOOK_SECRET   required; sevgate setup writes them
  WEBHOOK_SECRET_PREVIOUS                                   also accepted, while rotating
  PORT (3000), HOST (0.0.0.0)                               where to listen
  DATABASE_URL                                              PostgreSQL; without it, embedded in DATA_DIR (./data)
  GITHUB_API_URL (https://api.github.com)                   or https://HOST/api/v3 of a GitHub Enterprise Server
  RECORD_KEY, RECORD_KEY_PREVIOUS                           sign the records; without it, the private key does
  CALENDAR_SECRET                                           calendars of who is on call; without it there are none
  SWEEP_EVERY (5m)                                          how often everything is looked at again
  LOG_LEVEL (info), LOG_FORMAT (json or pretty)`,
  )
  .action(async () => {
    const { start } = await import("./start.ts");
    await start();
  });

program
  .command("setup")
  .description("create the GitHub App in the browser and write .env")
  .option("--url <url>", "where GitHub will reach the server")
  .option("--organization <name>", "let an organization own the app")
  .option("--name <name>", "the app's name; without it, Sevgate and the organization")
  .option("--github, --github-url <url>", "a GitHub Enterprise Server", "https://github.com")
  // Not --env-file: Node takes an option of that name as its own, wherever it is.
  .option("--write-to <file>", "where to write the settings", ".env")
  .option("--port <number>", "port of the local page", portNumber, 0)
  .option("--force", "replace settings that are there already", false)
  .action(async (options: SetupArguments) => {
    const { setup } = await import("./setup.ts");
    process.exitCode = await setup({
      url: options.url,
      organization: options.organization,
      name: options.name,
      githubUrl: options.githubUrl,
      githubApiUrl: process.env["GITHUB_API_URL"] ?? null,
      manifestFile: new URL("../../app.yml", import.meta.url),
      envFile: options.writeTo,
      port: options.port,
      force: options.force,
      ask,
      say: (line) => console.log(line),
    });
  });

program
  .command("validate")
  .description(
    "check the policy and the templates of this repository, or one file; - reads a policy from standard input",
  )
  .argument("[file]", "a policy, or a template (*.md)", undefined)
  .option("--json", "one JSON object instead of lines", false)
  .action(async (file: string | undefined, { json }: { readonly json: boolean }) => {
    const { validate } = await import("./validate.ts");
    process.exitCode = await validate({ file, json });
  });

program
  .command("oncall")
  .description("say who is on call, why, and who comes next; --lint looks for holes")
  .option("--file <file>", "the schedule; - reads standard input", undefined)
  .option("--at <instant>", "at another time than now: 2026-03-29T02:30, in the file's zone, or with Z or an offset")
  .option("--days <number>", "how many days of coming shifts", dayNumber)
  .option("--explain", "say why", false)
  .option("--lint", "look for holes and what else is odd; errors exit with 1", false)
  .option("--policy <file>", "with --lint: compare the escalation with this policy, not with .github/sevgate.yml")
  .option("--json", "one JSON object instead of lines", false)
  .option(
    "--calendar-url",
    "print the addresses of calendars instead; takes CALENDAR_SECRET from the environment",
    false,
  )
  .option("--repo <id>", "with --calendar-url: whose schedule it is, by the repository's id")
  .option("--role <name>", "with --calendar-url: the calendar of one role; without role and person, all of the file")
  .option("--person <login>", "with --calendar-url: the calendar of one person")
  .option("--base-url <url>", "with --calendar-url: where the server answers; without it, paths are printed")
  .action(async (options: OnCallArguments) => {
    if (options.calendarUrl) {
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

program
  .command("runbooks")
  .description("list the runbooks of a repository on disk; --lint says what is wrong with them")
  .option("--lint", "look for dead links, no owner, no steps, and what is too old", false)
  .option("--path <dir>", "the root of the repository", ".")
  .option("--older-than <days>", "how long a runbook may go without a look, such as 180d", days, days("180d"))
  .option("--json", "one JSON object instead of lines", false)
  .action(async (options: RunbooksArguments) => {
    const { runbooks } = await import("./runbooks.ts");
    process.exitCode = await runbooks({ ...options, now: Date.now() as Instant });
  });

program
  .command("explain")
  .description("say what an incident is and why, and what would be done now; reads GitHub once and writes nothing")
  .argument("<incident>", "acme/ops#12, or the address of its issue")
  .option("--app <slug>", "with GITHUB_TOKEN: whose status comment counts; without it, the one app's that has one")
  .option("--json", "one JSON object instead of lines (schema/explain.schema.json)", false)
  .addHelpText(
    "after",
    "\nIt takes the settings of the server, or GITHUB_TOKEN alone: then the record's seal is not checked.",
  )
  .action(async (place: string, options: { readonly app?: string; readonly json: boolean }) => {
    const { explainIncident } = await import("./explain.ts");
    process.exitCode = await explainIncident({ place, app: options.app, json: options.json });
  });

program
  .command("doctor")
  .description("look at a live installation, with the settings of its server, and say what to mend")
  .option("--url <url>", "where the running server answers, for its metrics")
  .option("--json", "one JSON object instead of lines", false)
  .action(async (options: { readonly url?: string; readonly json: boolean }) => {
    const { doctor } = await import("./doctor.ts");
    process.exitCode = await doctor({ url: options.url, json: options.json });
  });

await program.parseAsync();

interface SetupArguments {
  readonly url?: string;
  readonly organization?: string;
  readonly name?: string;
  readonly githubUrl: string;
  readonly writeTo: string;
  readonly port: number;
  readonly force: boolean;
}

interface OnCallArguments {
  readonly file?: string;
  readonly at?: string;
  readonly days?: number;
  readonly explain: boolean;
  readonly lint: boolean;
  readonly policy?: string;
  readonly json: boolean;
  readonly calendarUrl: boolean;
  readonly repo?: string;
  readonly role?: string;
  readonly person?: string;
  readonly baseUrl?: string;
}

interface RunbooksArguments {
  readonly lint: boolean;
  readonly path: string;
  readonly olderThan: Millis;
  readonly json: boolean;
}

function days(text: string): Millis {
  if (!/^[1-9]\d{0,3}d$/.test(text)) throw new InvalidArgumentError("It is a number of days, such as 180d.");
  return (Number.parseInt(text, 10) * 86_400_000) as Millis;
}

async function ask(question: string): Promise<string | null> {
  if (process.stdin.isTTY !== true) return null;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
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
