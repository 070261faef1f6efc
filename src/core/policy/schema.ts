import * as z from "zod";
import { COMMANDS_OF_LISTED_APPS, RESTRICTED_COMMANDS, type RestrictedCommand } from "../commands/registry.ts";
import { KEY_TIMES, MOST_APPROVALS } from "../record/entry.ts";
import { choice, duration, list, misfit, section, text, unknownKey, wholeNumber, yesOrNo } from "./fields.ts";
import { globProblem } from "./glob.ts";
import { nearestName } from "./nearest-name.ts";
import {
  type BotGrant,
  GRANTABLE_PERMISSIONS,
  GRANTS,
  MOST_SEVERITIES,
  PAGING_CHANNELS,
  REQUIREMENTS,
  type Requires,
} from "./policy.ts";
import { REPORT_EVERY } from "./report-every.ts";
import { RUNS_IN } from "./runs-in.ts";
import { showChoice, showValue } from "./show-value.ts";

/**
 * The policy language, field by field: the source of the messages, of schema/sevgate.schema.json and of
 * docs/policy.md. What it makes of a document is a `Policy` (policy.ts); `parsePolicy` fails to compile otherwise.
 *
 * No `refine` here: JSON Schema cannot express it. Rules about several fields at once are in rules.ts.
 */

/** GitHub's limit for the name of a label, in characters. */
export const LONGEST_LABEL_CHARACTERS = 50;
/** The most examples a severity may name. */
export const MOST_EXAMPLES = 6;
/** The most contributing factors a policy may list. */
export const MOST_FACTORS = 30;

/** A deadline: without the key, or with `0s`, there is none. */
function deadline() {
  return duration("mhd")
    .optional()
    .transform((limit) => (limit === undefined || limit === 0 ? null : limit));
}

function label() {
  return text(
    /^[^\s\p{Cc}](?:[^\p{Cc}]{0,48}[^\s\p{Cc}])?$/u,
    `a label: write 1 to ${LONGEST_LABEL_CHARACTERS} characters on one line, without spaces around them`,
  );
}

const RequirementName = choice(REQUIREMENTS).transform((name): Requires => ({ kind: "requirement", name }));

const MOST_MEMBERS = 10;
const GROUP = "{ any-of: [post-mortem, runbook-pr] }";

function members(least: 0 | 1): z.ZodType<readonly Requires[], unknown> {
  return z
    .array(Condition, { error: (issue) => misfit(issue.input, "a list: write [post-mortem, runbook-pr]") })
    .min(least, { error: "this list is empty: name a requirement in it" })
    .max(MOST_MEMBERS, { error: `this list is too long: at most ${MOST_MEMBERS} entries` });
}

function groups() {
  return z
    .strictObject(
      {
        "any-of": z.lazy(() => members(1)).optional(),
        "all-of": z.lazy(() => members(1)).optional(),
      },
      {
        error: (issue) =>
          issue.code === "unrecognized_keys"
            ? issue.keys.map((key) => unknownKey(key, ["any-of", "all-of"])).join("\n")
            : misfit(issue.input, `a requirement: write a name or ${GROUP}`),
      },
    )
    .meta({ minProperties: 1, maxProperties: 1 })
    .transform((group, context): Requires => {
      const anyOf = group["any-of"];
      const allOf = group["all-of"];
      if ((anyOf === undefined) === (allOf === undefined)) {
        context.issues.push({
          code: "custom",
          input: group,
          message: `write one of any-of and all-of, as in ${GROUP}`,
        });
      }
      return anyOf === undefined ? { kind: "all-of", of: allOf ?? [] } : { kind: "any-of", of: anyOf };
    });
}

const notARequirement = (issue: { readonly input?: unknown }) => {
  const meant = typeof issue.input === "string" ? nearestName(issue.input, REQUIREMENTS) : null;
  return meant === null
    ? misfit(issue.input, `a requirement: write ${showChoice(REQUIREMENTS)}, or a group such as ${GROUP}`)
    : `${showValue(issue.input)} is not a requirement: did you mean ${meant}?`;
};

const Condition: z.ZodType<Requires, unknown> = z
  .lazy(() =>
    z.union([RequirementName, groups(), members(1).transform((of): Requires => ({ kind: "all-of", of }))], {
      error: notARequirement,
    }),
  )
  .meta({ id: "Condition", description: "A requirement by name, a group of them, or a list of which all are needed." });

/** At the top level an empty list is allowed: it needs nothing. */
const CloseRequires: z.ZodType<Requires, unknown> = z.union(
  [RequirementName, groups(), members(0).transform((of): Requires => ({ kind: "all-of", of }))],
  { error: notARequirement },
);

/** What the name of a severity looks like. */
export const SEVERITY_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/;
const DEFAULT_CLOSE_REQUIRES = { "any-of": ["post-mortem", "runbook-pr"] };

const SeverityFields = section({
  label: label()
    .optional()
    .meta({
      title: `text, 1 to ${LONGEST_LABEL_CHARACTERS} characters`,
      description:
        "The label that makes an issue an incident of this severity. Without it: `sev:` and the name. No two " +
        "severities share one; upper and lower case are the same. Labels that start with `incident:` belong to Sevgate.",
      examples: ["sev:P0"],
    }),
  description: text(/^[^\p{Cc}]{0,100}$/u, "a description: write one line of at most 100 characters")
    .prefault("")
    .meta({
      title: "text, at most 100 characters on one line",
      description: "What the severity means. Shown in the status comment, and on the label when Sevgate creates it.",
      examples: ["Extreme user interruption, no reasonable workaround"],
    }),
  examples: list(
    text(
      /^[^\s\p{Cc}](?:[^\p{Cc}]{0,58}[^\s\p{Cc}])?$/u,
      "an example: write 1 to 60 characters on one line, without spaces around them",
    ),
    MOST_EXAMPLES,
    "[data loss, nobody can log in]",
  )
    .prefault([])
    .meta({
      title: `list of at most ${MOST_EXAMPLES} texts, 1 to 60 characters each`,
      description:
        "What belongs to this severity, for whoever has to choose one. Shown when `/severity` names none of them.",
      examples: [["data loss", "nobody can log in"]],
    }),
  "acknowledge-within": deadline().meta({
    title: "duration in m, h or d, such as `15m`",
    description: "Time from the declaration to the first `/ack`. Without it, or with `0s`, there is no deadline.",
  }),
  "update-every": deadline().meta({
    title: "duration in m, h or d, such as `1h`",
    description: "Longest time between two status updates while the incident is open. Without it, or with `0s`: none.",
  }),
  "post-mortem-within": deadline().meta({
    title: "duration in m, h or d, such as `3d`",
    description:
      "Time from the resolution to a complete post-mortem. Without it, or with `0s`, there is no deadline. It is a " +
      "reminder: what is *needed* for closing is said by `close-requires`.",
  }),
  "action-items-within": deadline().meta({
    title: "duration in m, h or d, such as `30d`",
    description:
      "Time from the filing of an action item until it is done, if the item names no day of its own. Without it, or with " +
      "`0s`, such an item is never late (docs/follow-ups.md).",
  }),
  "close-requires": CloseRequires.prefault(DEFAULT_CLOSE_REQUIRES).meta({
    title: "a name, a group or a list, such as `post-mortem`, `{any-of: [post-mortem, runbook-pr]}` or `[]`",
    description:
      `What the incident needs before it may close: ${REQUIREMENTS.map((name) => `\`${name}\``).join(", ")}, or a group: ` +
      "`any-of` needs one member, `all-of` and a plain list need every one. " +
      "`[]` needs nothing. Groups may hold groups, at most 5 within each other.",
  }),
  regressions: choice(["revert"])
    .optional()
    .transform((wanted) => wanted ?? null)
    .meta({
      description:
        "`revert`: going back to the last known good version comes first. The first steps say so and name the likeliest " +
        "cause, looked for at the declaration (docs/regressions.md).",
    }),
});

/** The built-in severities by name, most severe first, in the words of the file (Sevgate's own choice; docs/policy.md). */
export const DEFAULT_SEVERITIES = {
  P0: {
    label: "sev:P0",
    description: "Extreme user interruption, no reasonable workaround",
    examples: ["data loss", "a security hole", "nobody can log in"],
    "acknowledge-within": "15m",
    "update-every": "1h",
    "post-mortem-within": "3d",
    "action-items-within": "7d",
    "close-requires": DEFAULT_CLOSE_REQUIRES,
  },
  P1: {
    label: "sev:P1",
    description: "Major degradation of user experience, possible workarounds",
    examples: ["one region is down", "checkout fails for some", "a release cannot be shipped"],
    "acknowledge-within": "1h",
    "update-every": "4h",
    "post-mortem-within": "5d",
    "action-items-within": "30d",
    "close-requires": DEFAULT_CLOSE_REQUIRES,
  },
  P2: {
    label: "sev:P2",
    description: "The system is usable but has a minor issue",
    examples: ["a report is late", "a page is slow", "a link is broken"],
    "acknowledge-within": "1d",
    "action-items-within": "90d",
    "close-requires": DEFAULT_CLOSE_REQUIRES,
  },
};

const Severities = z
  .record(
    text(
      SEVERITY_NAME,
      "a severity name: write a letter, then at most 31 letters, digits, - or _, such as P0 or critical",
    ),
    SeverityFields,
    { error: (issue) => misfit(issue.input, "a map of severities: write P0: and its fields indented below") },
  )
  // Names start with a letter, so JavaScript keeps them in the order of the file.
  .transform((severities) =>
    Object.entries(severities).map(([name, fields]) => ({ name, ...fields, label: fields.label ?? `sev:${name}` })),
  );

const HEADING = /^[^\s#\p{Cc}](?:[^\p{Cc}]{0,78}[^\s\p{Cc}])?$/u;

const PostMortem = section({
  label: label()
    .prefault("post-mortem")
    .meta({
      title: `text, 1 to ${LONGEST_LABEL_CHARACTERS} characters`,
      description: "The label an issue needs to count as a post-mortem. It cannot be the label of a severity.",
    }),
  repository: text(
    /^(?:same|[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/[A-Za-z0-9._-]{1,100})$/,
    "a repository: write same, or owner/name such as octo-org/post-mortems",
  )
    .prefault("same")
    .meta({
      title: "`same` or `owner/name`",
      description:
        "Where post-mortems live: `same` is the incident's own repository. The app has to be installed on another one. A " +
        "private one has to say `evidence-for` in its own policy, and judges by its own `post-mortem`.",
      examples: ["same", "octo-org/post-mortems"],
    }),
  "required-sections": list(
    text(HEADING, "a heading: write its text, 1 to 80 characters on one line, without the # in front"),
    20,
    "[What happened, Action items]",
  )
    .prefault(["What happened", "Why it happened", "Action items"])
    .meta({
      title: "list of at most 20 headings, 1 to 80 characters each",
      description:
        "Headings a post-mortem has to fill with text of its own, a picture or a recording; a placeholder such as `TBD` fills " +
        "none. `[]`: none is required.",
    }),
  "action-items": wholeNumber(0, 50)
    .prefault(1)
    .meta({ description: "How many `- [ ]` items a post-mortem needs at least. `0`: none." }),
  "reviewed-by": wholeNumber(0, MOST_APPROVALS)
    .prefault(0)
    .meta({
      description:
        "How many people have to accept a post-mortem with `/accept` on the incident before it counts. Nobody accepts what they " +
        "wrote: its author cannot, nor can anyone who edited its text. When its text changes, they are asked again. `0`: none.",
    }),
});

const ActionItems = section({
  label: label()
    .prefault("action-item")
    .meta({
      title: `text, 1 to ${LONGEST_LABEL_CHARACTERS} characters`,
      description:
        "The label of the issues that action items become (docs/action-items.md). It cannot be a label that means something else " +
        "to Sevgate.",
    }),
  section: text(HEADING, "a heading: write its text, 1 to 80 characters on one line, without the # in front")
    .prefault("Action items")
    .meta({
      title: "heading, 1 to 80 characters",
      description:
        "The heading of the section of a post-mortem that lists its action items; in a post-mortem without it, all of its " +
        "`- [ ]` lines are.",
    }),
  "target-date": z
    .boolean({ error: (issue) => misfit(issue.input, "true or false") })
    .prefault(false)
    .meta({
      title: "`true`, `false`",
      description:
        "`true`: GitHub's field *Target date* says when an item is due, before its milestone and its text. Takes a request for " +
        "each item, and the organization permission *Issue Fields: read*.",
    }),
});

const Runbooks = section({
  paths: list(
    z
      .string({ error: (issue) => misfit(issue.input, 'a path: write it in quotes, such as "runbooks/**/*.md"') })
      // As much as one expression can say about a glob, for editors; `brokenRules` says the rest.
      .regex(/^[^\\/!{}[\]()][^\\{}[\]()]{0,199}$/, {
        error: (issue) => `${showValue(issue.input)} ${globProblem(String(issue.input)) ?? "is not a path"}`,
      }),
    20,
    '["runbooks/**/*.md"]',
  )
    .prefault(["runbooks/**/*.md", "docs/runbooks/**/*.md"])
    .meta({
      title: "list of at most 20 globs, 1 to 200 characters each",
      description:
        "Which files are runbooks. `*` is any text within a name, `?` one character, `**` any number of folders; it " +
        "stands alone between slashes. At most 4 stars in one glob. `[]`: no file is a runbook.",
    }),
  "pull-request": choice(["merged", "open"])
    .prefault("merged")
    .meta({
      description:
        "When a runbook pull request counts for `runbook-pr`: once it is `merged` into the default branch, or as soon " +
        "as it is `open`. One merged before the incident was opened counts only by `/runbook #NUMBER REASON`.",
    }),
});

const Closing = section({
  grace: duration("smhd").prefault("0s").meta({
    title: "duration in s, m, h or d, such as `30s` or `5m`",
    description: "How long to wait before an issue that was closed too early is reopened. `0s`: at once.",
  }),
  "not-planned": choice(["cancels", "gated"])
    .prefault("cancels")
    .meta({
      description:
        "What closing as *not planned* does: it `cancels` the incident as a false alarm, without what it needs, when whoever " +
        "closes may use `/cancel` (an app: when `commands.bots` grants it `cancel`), and is reopened otherwise; or it is `gated` " +
        "like any other close.",
    }),
  duplicate: choice(["allowed", "gated"])
    .prefault("allowed")
    .meta({
      description:
        "Whether closing as *duplicate* is `allowed` without what it needs to whoever may use `/cancel`, or `gated` like any " +
        "other close.",
    }),
  "max-reopens-per-day": wholeNumber(0, 10)
    .prefault(3)
    .meta({
      description:
        "How often an issue is reopened in any 24 hours before Sevgate stops, marks it `closed-ungated` and says so " +
        "once. `0`: it never reopens, it only marks. What opens again because its waiver ended counts for none of this. What people close without the role for `/resolve`, and apps to " +
        "which `commands.bots` does not grant it, counts apart: it is always reopened, from the fourth time on half an hour later.",
    }),
});

const Waive = section({
  approvals: wholeNumber(0, MOST_APPROVALS)
    .prefault(0)
    .meta({
      description:
        "How many other people with the role for `/waive` have to comment `/accept` before a waiver counts. It asks what the " +
        "policy said when it was written. An app accepts only where `commands.bots` grants it `accept`. A lower severity, which takes the same role, waits for " +
        "nobody: give `lower-severity` a higher one if that matters. `0`: none.",
    }),
});

function role() {
  return choice(GRANTABLE_PERMISSIONS, { read: `"read" is too low: choose ${showChoice(GRANTABLE_PERMISSIONS)}` });
}

function commandPermission(command: RestrictedCommand) {
  return role()
    .meta({ description: `Who may use \`/${command}\`.` })
    .optional();
}

const CommandPermission = section({
  default: role()
    .prefault("triage")
    .meta({ description: "Who may use every command that has no line of its own. `/help` is for anyone." }),
  ...(Object.fromEntries(RESTRICTED_COMMANDS.map((name) => [name, commandPermission(name)])) as {
    readonly [Name in RestrictedCommand]: ReturnType<typeof commandPermission>;
  }),
  // The app uses its own rights to do what the person asks for, so never for somebody who could not do it themselves.
  revert: choice(["write", "maintain", "admin"], {
    triage: '"triage" is too low for /revert: choose write, maintain or admin',
    read: '"read" is too low for /revert: choose write, maintain or admin',
  })
    .optional()
    .meta({ description: "Who may use `/revert`: never less than `write`." }),
  waive: role()
    .prefault("maintain")
    .meta({ description: "Who may use `/waive`, which closes an incident without what it needs." }),
  "lower-severity": role()
    .optional()
    .meta({
      description:
        "Who may change the severity, by `/severity` or by its label, to one whose `close-requires` asks for less. Left out: " +
        "whoever may use `/waive`.",
    }),
});

const MOST_BOTS = 20;

function botLogin() {
  return text(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?$/,
    'the login of a bot: write it as GitHub shows it, in quotes, such as "my-app[bot]"',
  );
}

function withSuffix(login: string): string {
  return login.endsWith("[bot]") ? login : `${login}[bot]`;
}

const BOTS_EXAMPLE = '{ "my-app[bot]": [note] }';

const Grants = choice(GRANTS, { help: "/help needs no grant: remove it here" });

const Bots = z.union(
  [
    z
      .record(
        botLogin(),
        list(Grants, GRANTS.length, "[note, resolve]").min(1, {
          error: "this list is empty: name a command in it, or remove the line",
        }),
        { error: (issue) => misfit(issue.input, `a map of apps: write ${BOTS_EXAMPLE}`) },
      )
      .meta({ maxProperties: MOST_BOTS })
      .transform((grants, context): readonly BotGrant[] => {
        const entries = Object.entries(grants);
        if (entries.length > MOST_BOTS) {
          context.issues.push({ code: "custom", input: grants, message: `too many apps: at most ${MOST_BOTS}` });
        }
        return entries.map(([written, commands]) => {
          return { login: withSuffix(written), commands, writtenAs: written };
        });
      }),
    list(
      botLogin().transform((written): BotGrant => ({ login: withSuffix(written), commands: null, writtenAs: written })),
      MOST_BOTS,
      '["my-app[bot]"]',
    ),
  ],
  { error: (issue) => misfit(issue.input, `a map of apps: write ${BOTS_EXAMPLE}, or a list of logins`) },
);

const Commands = section({
  permission: CommandPermission.prefault({}).meta({
    description:
      "The role on the repository that a command needs: `triage`, `write`, `maintain` or `admin`. There is no `read`: " +
      "on a public repository that is everybody.",
  }),
  bots: Bots.prefault([]).meta({
    title:
      'map of at most 20 logins to lists of commands, such as `{"github-actions[bot]": [note, resolve]}`, or a list of logins',
    description:
      "Apps whose comments may hold commands. GitHub gives apps no role in a repository, so the line itself says what an app " +
      "may do: the names of commands, and `lower-severity`. Closing an incident as *not planned* takes `cancel`. An app in a " +
      `plain list may use ${showChoice(
        COMMANDS_OF_LISTED_APPS.map((name) => `\`/${name}\``),
        "and",
      )}, which acknowledge, accept, waive, cancel and drop nothing. \`/help\` is for every app named here; other apps are ` +
      "ignored. A login goes with `[bot]` or without; with it, in quotes.",
  }),
});

const PullRequests = section({
  check: choice(["always", "referencing", "off"])
    .prefault("always")
    .meta({
      description:
        "On which pull requests `sevgate/close-gate` is posted: `always` (so that it can be required), only on those " +
        "`referencing` an incident, or `off`. Only `always` goes with a ruleset that requires it: what Sevgate does not judge " +
        "would wait forever.",
    }),
});

/** What an alert opens, and how that ends; the same for every way in. */
const ALERT_FIELDS = {
  "auto-resolve": choice(["if-untouched", "never"])
    .prefault("if-untouched")
    .meta({
      description:
        "What becomes of the incident when its alert is over: `if-untouched` resolves it when nobody has done anything " +
        "about it; it still closes only with what it needs. `never` only says so.",
    }),
  "reopen-within": duration("mhd")
    .prefault("30m")
    .meta({
      title: "duration in m, h or d, such as `30m`",
      description:
        "An alert that fires again this soon after it was over opens the same issue again; later it opens a new one that " +
        "names the old. `0s`: always a new one.",
    }),
};

function severityName() {
  return text(SEVERITY_NAME, "the name of a severity: write one of those above, such as P1");
}

const AlertEndpoint = section({
  severity: severityName().meta({
    title: "the name of a severity",
    description: "The severity of what it declares, unless `severities` says otherwise.",
    examples: ["P1"],
  }),
  severities: z
    .record(
      text(/^[^A-Z\p{Cc}]{1,32}$/u, "a severity of the source: write it in lower case, such as critical"),
      severityName(),
      { error: (issue) => misfit(issue.input, "a map: write { critical: P0, warning: P2 }") },
    )
    .prefault({})
    .meta({
      title: "map such as `{critical: P0, warning: P2}`",
      description:
        "What the severities of the source mean here. Alertmanager and Grafana: the label `severity`. PagerDuty: the " +
        "priority, else `critical` for high urgency and `low`. Written in lower case.",
    }),
  opens: choice(["incident", "issue"])
    .prefault("incident")
    .meta({
      description:
        "What an alert opens: an `incident`, or an `issue` with the label `alert` that someone declares by adding a " +
        "severity label.",
    }),
  ...ALERT_FIELDS,
  group: choice(["related", "each"])
    .prefault("related")
    .meta({
      description:
        "What is one alert: `related` takes a group of Alertmanager or Grafana, or all outages of one monitor of Better " +
        "Stack, as one; `each` takes every one apart.",
    }),
});

function workflowNames(most: number) {
  return list(
    text(
      /^[^\\/!{}[\]()][^\\{}[\]()]{0,199}$/,
      'a workflow: write its name or its file, such as "CI" or "deploy-*.yml", with ? for brackets',
    ),
    most,
    '["CI", "deploy-*.yml"]',
  );
}

/** Which failing workflows count as alerts: without the key, none do. */
const WorkflowRuns = section({
  severity: severityName()
    .prefault("P1")
    .meta({ title: "the name of a severity", description: "The severity of a broken build.", examples: ["P1"] }),
  workflows: workflowNames(20)
    .prefault(["**"])
    .meta({
      title: 'list of at most 20 globs, such as `["CI", "deploy-*.yml"]`',
      description:
        "Which workflows are watched, by the name the Actions tab shows or by the name of the file. `*` is any text " +
        "without a slash, `?` one character, `**` alone is every workflow.",
    }),
  ignore: workflowNames(20).prefault([]).meta({
    title: 'list of at most 20 globs, such as `["Nightly*"]`',
    description: "Which of them are not. Written in the same way.",
  }),
  ...ALERT_FIELDS,
});

const Alerts = section({
  "issues-per-hour": wholeNumber(1, 100)
    .prefault(20)
    .meta({
      description:
        "How many issues alerts may open in any hour, all endpoints together. The last one is for a storm: what comes " +
        "after it is counted there.",
    }),
  endpoints: z
    .record(
      text(/^[a-z][a-z0-9-]{0,31}$/, "an endpoint: write its name as in ALERT_ENDPOINTS, such as prod"),
      AlertEndpoint,
      { error: (issue) => misfit(issue.input, "a map of endpoints: write prod: and its fields indented below") },
    )
    .prefault({})
    .transform((endpoints) => Object.entries(endpoints).map(([name, fields]) => ({ name, ...fields })))
    .meta({
      description:
        "What alerts do here, by the name of the endpoint they come in at (`ALERT_ENDPOINTS`, set by the " +
        "Sevgate operator; docs/alerts.md). An endpoint that is not named does nothing.",
    }),
  "workflow-runs": WorkflowRuns.optional()
    .transform((given) => given ?? null)
    .meta({
      description:
        "Workflows of GitHub Actions that fail on the default branch become incidents: `workflow-runs: {}` watches all " +
        "of them. Without the key none is watched. One that runs on a schedule counts when it has failed twice in a row.",
    }),
});

const Paging = section({
  unconfirmed: choice(["hold", "page"])
    .prefault("hold")
    .meta({
      description:
        "Whether an incident declared from outside the team pages at once. Whoever may open issues may declare one with a form " +
        "that sets the label. `hold`: nobody is paged until someone with the triage role comments a command, such as `/ack`, " +
        "or changes the severity. `page`: at once.",
    }),
  channels: z
    .record(
      text(
        SEVERITY_NAME,
        "the name of a severity: write one of the policy, such as P0, or default for all that have no line",
      ),
      list(choice(PAGING_CHANNELS), PAGING_CHANNELS.length, "[pagerduty, better-stack]"),
      { error: (issue) => misfit(issue.input, "a map: write P0: [pagerduty, better-stack]") },
    )
    .prefault({})
    .meta({
      title: "map of severities to lists of `better-stack` and `pagerduty`",
      description:
        "What is paged besides the comment on the issue, by severity; `default` is for those without a line. The first " +
        "is used; when it fails, the next. The operator sets their keys, and which repositories may use " +
        "them, by environment (docs/operations.md).",
    }),
});

const Drills = section({
  label: label()
    .prefault("drill")
    .meta({
      title: `text, 1 to ${LONGEST_LABEL_CHARACTERS} characters`,
      description:
        "The label that makes an incident a drill, if it is there before anybody is paged (docs/drills.md). It cannot be a " +
        "label that means something else to Sevgate, such as that of a severity.",
    }),
});

const ReportFields = section({
  every: choice([...REPORT_EVERY, "off"])
    .prefault("off")
    .meta({
      description:
        "How often an issue with the numbers of the time that is over is opened, in UTC: after each `week` (from Monday on), " +
        "`month` or `quarter` in which there was an incident, or `off` (docs/reports.md).",
    }),
});

const FollowUps = section({
  issue: yesOrNo()
    .prefault(true)
    .meta({
      description:
        "Whether one issue of the repository lists what is still to be done: action items that are late or due soon, or " +
        "lack an owner or a day, and post-mortems that are late. It is opened when there is something to list, and edited " +
        "from then on. Once a week, it mentions the owners of what is late.",
    }),
  label: label()
    .prefault("incident-follow-ups")
    .meta({
      title: `text, 1 to ${LONGEST_LABEL_CHARACTERS} characters`,
      description:
        "The label by which that issue is found again. It cannot be a label that means something else to Sevgate.",
    }),
  check: choice(["neutral", "off", "required"])
    .prefault("neutral")
    .meta({
      description:
        "Whether `sevgate/follow-ups` says on a pull request that it touches files of an open action item: `neutral` says it " +
        "where there is something to say, and holds nothing; `required` is posted on every pull request, so that a ruleset can " +
        "require it, and fails for late items which the pull request does not close; `off` says nothing.",
    }),
  labels: yesOrNo()
    .prefault(false)
    .meta({
      description:
        "Whether an incident whose post-mortem or action items are late gets `slo:missed`. `slo:near-miss` is for those with " +
        "less than a fifth of the time left, now or when they were done.",
    }),
});

const Slack = section({
  channel: z
    .string({
      error: (issue) => misfit(issue.input, 'a channel: write its name in quotes, such as "#alert", or its id'),
    })
    // Lower-case letters of any script, digits, hyphens and underscores (Slack help, "Create a channel"); or an id.
    .regex(/^(?:#?[\p{Ll}\p{Lo}\p{N}_-]{1,80}|[CG][A-Z0-9]{7,20})$/u, {
      error: (issue) => misfit(issue.input, 'a channel: write its name in quotes, such as "#alert", or its id'),
    })
    .prefault("#alert")
    .meta({
      title: 'name in quotes, such as `"#alert"`, or id, such as `C0123456789`',
      description:
        "The channel incidents are announced in, if the operator has set Slack up and allows it (docs/slack.md). An id stays " +
        "right when the channel is renamed.",
      examples: ["#alert"],
    }),
});

/** `.github/sevgate.yml`: takes the document as read from YAML, and gives the `Policy`. */
export const PolicyDocument = section({
  version: z
    .literal(1, { error: (issue) => `${showValue(issue.input)} is not a version Sevgate reads: write version: 1` })
    .prefault(1)
    .meta({ description: "The version of this file's format." }),
  extends: z
    .literal("owner", {
      error: (issue) =>
        `${showValue(issue.input)} cannot be extended: write owner, which is the policy in the owner's repository .github`,
    })
    .optional()
    .meta({
      description:
        "`owner`: this file names only what differs from the policy in the owner's repository `.github`. Left out: " +
        "this file is the whole policy.",
    }),
  "runs-in": choice(RUNS_IN)
    .prefault("server")
    .meta({
      description:
        "Who runs the repository: the `server`, or the GitHub `action` in the repository's own workflows. Both read it on the " +
        "default branch, and the one that is not named leaves the repository alone (docs/operations.md).",
    }),
  severities: Severities.prefault(DEFAULT_SEVERITIES).meta({
    minProperties: 1,
    maxProperties: MOST_SEVERITIES,
    description:
      `The severities, most severe first: 1 to ${MOST_SEVERITIES}. A name is a letter, then at most 31 letters, digits, ` +
      "`-` or `_`. Writing this key replaces all built-in severities.",
  }),
  "post-mortem": PostMortem.prefault({}).meta({ description: "What counts as a post-mortem." }),
  "action-items": ActionItems.prefault({}).meta({
    description: "The action items of post-mortems, which `/items` files as issues (docs/action-items.md).",
  }),
  runbooks: Runbooks.prefault({}).meta({ description: "What counts as a runbook, and as a runbook pull request." }),
  closing: Closing.prefault({}).meta({ description: "How closing too early is treated." }),
  "key-times": list(choice(KEY_TIMES), KEY_TIMES.length, "[started, detected, mitigated, resolved]")
    .min(1, { error: "this list is empty: name a time in it, or remove the line" })
    .prefault(["started", "detected", "mitigated", "resolved"])
    .meta({
      title: `list of ${showChoice(KEY_TIMES.map((time) => `\`${time}\``))}`,
      description:
        "Which times `key-times` in `close-requires` asks for. `/ack`, `/mitigate` and `/resolve` give theirs, and closing the " +
        "issue gives `resolved`; `/time started 10:42` adds one that nobody has said, or corrects it.",
    }),
  "contributing-factors": list(
    text(
      /^[^\s\p{Cc}](?:[^\p{Cc}]{0,58}[^\s\p{Cc}])?$/u,
      "a factor: write 1 to 60 characters on one line, without spaces around them",
    ),
    MOST_FACTORS,
    "[configuration, missing alert, change without review]",
  )
    .prefault([])
    .meta({
      title: `list of at most ${MOST_FACTORS} texts, 1 to 60 characters each`,
      description:
        "What contributes to incidents here, each a few words. The post-mortem that `/postmortem` creates lists them with a box " +
        "each, to be ticked by its authors, several for one incident. A factor is no action item. `[]`: no such section.",
      examples: [["configuration", "missing alert", "change without review"]],
    }),
  waive: Waive.prefault({}).meta({
    description: "When `/waive`, which lets an incident close without what it needs, counts.",
  }),
  commands: Commands.prefault({}).meta({ description: "Who may use commands." }),
  alerts: Alerts.prefault({}).meta({ description: "What alerts of other systems become." }),
  "pull-requests": PullRequests.prefault({}).meta({ description: "The check on pull requests." }),
  paging: Paging.prefault({}).meta({
    description: "Who is paged is in `.github/sevgate/on-call.yml`; this is how. Without that file nobody is.",
  }),
  drills: Drills.prefault({}).meta({ description: "Incidents that are practice." }),
  "follow-ups": FollowUps.prefault({}).meta({
    description: "What becomes of action items and post-mortems that are late (docs/follow-ups.md).",
  }),
  report: ReportFields.prefault({}).meta({
    description: "The numbers: how long incidents took, and how many there were.",
  }),
  "issue-type": text(
    /^[^\s\p{Cc}](?:[^\p{Cc}]{0,58}[^\s\p{Cc}])?$/u,
    "an issue type: write its name, 1 to 60 characters on one line, such as Incident",
  )
    .optional()
    .transform((name) => name ?? null)
    .meta({
      title: "text, 1 to 60 characters",
      description:
        "The issue type that incidents get. Once, when they are declared, where the organization has a type of that name and the " +
        "issue has none; what people choose stays. Without the key no type is set.",
      examples: ["Incident"],
    }),
  recall: z
    .boolean({ error: (issue) => misfit(issue.input, "true or false: write it without quotes") })
    .prefault(true)
    .meta({
      title: "`true` or `false`",
      description:
        "Whether a new incident names similar ones of the past. At most three, each with the reason, its cause and its open " +
        "action items (docs/post-mortems.md).",
    }),
  slack: Slack.prefault({}).meta({ description: "Where incidents are announced in Slack." }),
  "evidence-for": list(
    text(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/[A-Za-z0-9._-]{1,100}$/,
      "a repository: write owner/name, such as octo-org/shop",
    ),
    100,
    "[octo-org/shop]",
  )
    .prefault([])
    .meta({
      title: "list of at most 100 repositories, `owner/name`",
      description:
        "Of a private repository: whose incidents may have their post-mortem here (`post-mortem.repository` there). They " +
        "show of it whether it is complete by this policy, and nothing else. Counts in the repository's own file only.",
    }),
  roles: list(
    text(
      /^[a-z][a-z0-9-]{0,31}$/,
      "a role: write a lower-case letter, then at most 31 letters, digits or -, such as lead",
    ),
    20,
    "[lead, comms, scribe]",
  )
    .prefault(["lead", "comms", "scribe"])
    .meta({
      title: "list of at most 20 names",
      description: "The roles that `/assign @LOGIN ROLE` knows.",
    }),
}).meta({ title: "Sevgate policy", description: "The policy of a repository, `.github/sevgate.yml`." });
