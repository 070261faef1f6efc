import type { EXIT_CODES } from "./exit-codes.ts";

/** Lines to paste, for the end of each `--help`. */
export const EXAMPLES: Readonly<Record<keyof typeof EXIT_CODES, readonly string[]>> = {
  demo: ["sevgate demo", "sevgate demo --keep --output /tmp/incident.html"],
  start: ["sevgate start    # with .env in this folder", "PORT=8080 LOG_FORMAT=json sevgate start"],
  setup: [
    "sevgate setup --url https://sevgate.example.com --organization acme",
    "sevgate setup --url https://sevgate.example.com --organization acme --elsewhere    # on a server, over ssh",
    "sevgate setup --url https://sevgate.corp.example --github-url https://github.corp.example",
  ],
  init: ["sevgate init", "sevgate init --repo ../shop --yes", "sevgate init --action --github-token"],
  validate: [
    "sevgate validate",
    "git show origin/main:.github/sevgate.yml > /tmp/base.yml && sevgate validate --base /tmp/base.yml",
  ],
  oncall: ["sevgate oncall --explain", "sevgate oncall --at 2026-12-24T20:00 --days 14", "sevgate oncall --lint"],
  runbooks: ["sevgate runbooks", "sevgate runbooks --lint --older-than 90d"],
  explain: ["sevgate explain acme/ops#12", "GITHUB_TOKEN=$(gh auth token) sevgate explain acme/ops#12 --json"],
  report: [
    "sevgate report acme/ops --since 2026-10-01 --until 2027-01-01",
    "GITHUB_TOKEN=$(gh auth token) sevgate report acme/ops --format html > report.html",
  ],
  simulate: ["sevgate simulate acme/ops --policy .github/sevgate.yml"],
  drill: ["sevgate drill acme/ops --severity P1"],
  protect: [
    "GITHUB_TOKEN=$(gh auth token) sevgate protect acme/ops            # show what would be sent",
    "GITHUB_TOKEN=$(gh auth token) sevgate protect acme/ops --apply    # send it",
    "sevgate protect --ruleset-json --app-id 123456 > ruleset.json     # for those who click",
  ],
  rehearse: [
    "gh repo create sevgate-scratch --private --add-readme    # then install the app there",
    "GH_TOKEN=$(gh auth token) sevgate rehearse you/sevgate-scratch",
    "GH_TOKEN=$(gh auth token) sevgate rehearse you/sevgate-scratch --yes --json > rehearsal.json",
  ],
  doctor: [
    "sevgate doctor                                                 # with .env in this folder",
    "docker compose exec sevgate node /app/bin/sevgate.js doctor    # in the container",
    "sevgate doctor --json | jq -r '.findings[] | select(.state == \"failed\").remedy'",
  ],
  healthcheck: [
    "sevgate healthcheck            # is it alive?",
    "sevgate healthcheck --ready    # may webhooks be sent to it?",
  ],
};

export function examplesHelp(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
