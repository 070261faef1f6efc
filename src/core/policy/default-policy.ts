import { parsePolicy } from "./parse.ts";
import type { Policy } from "./policy.ts";

/** The policy of a repository that has none, written as a user would write it. */
export const DEFAULT_POLICY_TEXT = `version: 1
runs-in: server                # or action: the GitHub Action of this repository
severities:                    # most severe first
  P0:
    label: sev:P0
    description: Extreme user interruption, no reasonable workaround
    examples: [data loss, a security hole, nobody can log in]
    acknowledge-within: 15m
    update-every: 1h
    post-mortem-within: 3d
    action-items-within: 7d
    close-requires: { any-of: [post-mortem, runbook-pr] }
  P1:
    label: sev:P1
    description: Major degradation of user experience, possible workarounds
    examples: [one region is down, checkout fails for some, a release cannot be shipped]
    acknowledge-within: 1h
    update-every: 4h
    post-mortem-within: 5d
    action-items-within: 30d
    close-requires: { any-of: [post-mortem, runbook-pr] }
  P2:
    label: sev:P2
    description: The system is usable but has a minor issue
    examples: [a report is late, a page is slow, a link is broken]
    acknowledge-within: 1d
    action-items-within: 90d
    close-requires: { any-of: [post-mortem, runbook-pr] }
post-mortem:
  label: post-mortem
  repository: same             # or owner/name
  required-sections: [What happened, Why it happened, Action items]
  action-items: 1              # at least this many "- [ ]" items
  reviewed-by: 0               # or how many people have to /accept it
action-items:                  # what /items files
  label: action-item           # of the issues they become
  section: Action items        # the heading they are below
  target-date: false           # true: GitHub's field Target date says when one is due
runbooks:
  paths: ["runbooks/**/*.md", "docs/runbooks/**/*.md"]
  pull-request: merged         # or open
closing:
  grace: 0s                    # wait before reopening
  not-planned: cancels         # or gated
  duplicate: allowed           # or gated
  max-reopens-per-day: 3
key-times: [started, detected, mitigated, resolved]   # for close-requires: key-times
contributing-factors: []       # such as [configuration, missing alert]
waive:
  approvals: 0                 # or how many others have to /accept a waiver
commands:
  permission: { default: triage, waive: maintain }
  bots: []
alerts:
  issues-per-hour: 20          # the last one is for a storm
  endpoints: {}                # without one alerts do nothing
  # workflow-runs: {}          # a broken build of the default branch is an incident
pull-requests:
  check: always                # or referencing, or off
paging:
  unconfirmed: hold            # or page
  channels: {}                 # such as { default: [pagerduty, better-stack] }
drills:
  label: drill                 # an incident with it is practice
report:
  every: off                   # or week, month, quarter
follow-ups:
  issue: true                  # one issue lists what is late
  label: incident-follow-ups
  check: neutral               # or off, or required
  labels: false                # true: slo:missed and slo:near-miss on incidents
# issue-type: Incident         # where the organization has such a type
recall: true                   # or false, to name no similar incidents of the past
slack:
  channel: "#alert"            # name in quotes, or an id
roles: [lead, comms, scribe]
`;

let read: Policy | null = null;

/** The policy of a repository that has none. The gate is on. Read when it is first asked for, not when Sevgate starts. */
export function defaultPolicy(): Policy {
  if (read !== null) return read;
  const parsed = parsePolicy(DEFAULT_POLICY_TEXT);
  if (parsed.kind === "invalid") throw new Error(`the built-in policy is broken: ${JSON.stringify(parsed.problems)}`);
  read = parsed.policy;
  return read;
}
