/**
 * The part of docs/policy.md that people copy from. Each block of YAML is a whole policy; one that says `extends: owner` goes with
 * the block before it. A test reads all of them.
 */
export const RECIPES = `## Recipes

Each is a whole file. Check yours with [\`sevgate validate\`](cli.md#in-your-shell).

### Open source, reports from outside

Take \`labels:\` out of the public issue forms, and let a maintainer set the label: whoever may open issues could otherwise declare
an incident.

\`\`\`yaml
version: 1
severities:
  P0:
    label: sev:P0
    description: Data loss or a security hole
    acknowledge-within: 1d
    close-requires: { any-of: [post-mortem, runbook-pr] }
  P1:
    label: sev:P1
    description: A release is broken
    acknowledge-within: 3d
    close-requires: fix-merged
pull-requests:
  check: referencing           # no check on pull requests that concern no incident
\`\`\`

### Monorepo

Runbooks lie beside the services; labels and the front matter of runbooks tell services apart. On call is one file for all.

\`\`\`yaml
version: 1
runbooks:
  paths: ["services/*/runbooks/**/*.md", "runbooks/**/*.md"]
alerts:
  endpoints:
    prod: { severity: P1, severities: { critical: P0, warning: P2 } }
  workflow-runs: { workflows: ["deploy-*.yml"], severity: P1 }
\`\`\`

### One policy for a company

In the repository \`.github\` of the owner, for every repository that has no policy of its own:

\`\`\`yaml
version: 1
severities:
  P0:
    label: sev:P0
    examples: [nobody can pay, data loss, a security hole]
    acknowledge-within: 15m
    update-every: 30m
    post-mortem-within: 3d
    action-items-within: 7d
    close-requires: { all-of: [acknowledged, post-mortem, action-items-filed, key-times] }
    regressions: revert
  P1:
    label: sev:P1
    acknowledge-within: 1h
    update-every: 4h
    post-mortem-within: 5d
    action-items-within: 30d
  P2: { label: sev:P2, acknowledge-within: 1d, close-requires: [] }
post-mortem: { repository: acme/post-mortems }
key-times: [started, detected, mitigated]   # said with /time, /mitigate or /resolve
paging:
  channels: { P0: [pagerduty, better-stack] }
slack: { channel: "#incidents" }
\`\`\`

A repository that differs names only that, and follows the rest ([how they are merged](#where-it-is-read-from)):

\`\`\`yaml
extends: owner
severities:
  P0: { acknowledge-within: 5m }
slack: { channel: "#checkout" }
\`\`\`

Check both together, with the owner's repository cloned beside this one:

\`\`\`sh
sevgate validate .github/sevgate.yml --owner ../.github/.github/sevgate.yml
\`\`\`

### A small team without on call

Without \`.github/sevgate/on-call.yml\` nobody is paged: GitHub notifies whoever watches the repository.

\`\`\`yaml
version: 1
severities:
  P0:
    label: sev:P0
    description: Customers cannot use the product
    close-requires: { any-of: [post-mortem, runbook-pr] }
  P1: { label: sev:P1, description: Something is broken, close-requires: [] }
post-mortem:
  required-sections: [What happened, Action items]
\`\`\`

### Only the gate

No deadlines, no check on pull requests. An issue with the label that is closed too early is reopened, with what it needs.

\`\`\`yaml
version: 1
severities:
  incident: { label: incident, close-requires: post-mortem }
pull-requests:
  check: off
\`\`\`

### Only the check

Nothing the team closes is reopened; one that needed more gets the label \`incident:closed-ungated\`. Pull requests still show what
a merge would close too early. The rest goes on: the status comment, and pages and Slack where they are set up.

\`\`\`yaml
version: 1
closing:
  max-reopens-per-day: 0
\`\`\`

### Leaving

1. Take \`sevgate/close-gate\` and \`sevgate/follow-ups\` out of the rulesets that require them. Pull requests would wait for them forever.
2. Uninstall the app: *Settings*, *GitHub Apps*, *Configure*, *Uninstall*. From then on nothing is reopened and nobody is paged.
3. Delete \`.github/sevgate.yml\`, the folder \`.github/sevgate\` and the issue forms that set a severity.

Issues, comments, post-mortems and action items stay as they are: the status comment is an ordinary comment. Close *Incident
follow-ups*, which nobody edits any more. Labels stay, too. These are Sevgate's, besides those of your severities,
\`post-mortem\` and \`action-item\`:

\`\`\`sh
for label in incident:declared incident:acknowledged incident:mitigated incident:resolved incident:cancelled incident:closed-ungated incident:waived alert drill incident-follow-ups incident-report slo:missed slo:near-miss
do gh label delete "$label" --yes; done
\`\`\``;
