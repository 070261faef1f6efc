import * as z from "zod";
import type { Millis } from "../model.ts";
import { choice, duration, list, MS_PER_UNIT, misfit, section, text, wholeNumber } from "../policy/fields.ts";
import { showValue } from "../policy/show-value.ts";

/**
 * The language of `.github/sevgate/on-call.yml`, field by field: the source of the messages, of
 * schema/on-call.schema.json and of the reference in docs/on-call.md.
 *
 * The upper limits bound what looking at a file can cost: people who may only open pull requests can write such files
 * too. Rules about several fields at once are in on-call-rules.ts.
 */

export const MOST_ROTATIONS = 20;
export const MOST_ROLES = 8;
const MOST_MEMBERS = 50;
const MOST_WINDOWS = 14;
const MOST_LAYERS = 10;
const MOST_ENTRIES = 300;

/** A member who is nobody: a gap left on purpose, which the next layer fills. */
export const NOBODY = "nobody";

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

const Login = text(
  /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})$/,
  "a GitHub login: write it without @, and in quotes if it is a number",
);
const Name = text(/^[a-z][a-z0-9-]{0,31}$/, "a name: write a lower-case letter, then at most 31 letters, digits or -");
const Zone = text(
  /^(?:UTC|[A-Z][A-Za-z]+(?:\/[A-Za-z0-9_+-]{1,30}){1,2})$/,
  "a time zone: write an area and a place such as Europe/Berlin, not an offset or an abbreviation",
);
const Day = choice(WEEKDAYS);
const LocalDate = text(/^20\d\d-[01]\d-[0-3]\d$/, "a date: write it as 2026-01-05, from 2000 to 2099");
const Moment = text(
  /^20\d\d-[01]\d-[0-3]\d(?:T[0-2]\d:[0-5]\d(?::[0-5]\d)?(?:Z|[+-][01]\d:[0-5]\d)?)?$/,
  "a date or a time: write 2026-01-05 or 2026-01-05T18:00, from 2000 to 2099",
);
const TimeOfDay = text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day: write it as "09:00"');
const EndOfDay = text(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day: write it as "17:00", or "24:00"');
const Reason = text(/^[^\p{Cc}]{1,200}$/u, "a reason: write one line of at most 200 characters");

const ShiftLength = text(
  /^(?:[123468]|12|24)h$|^[1-9]\d?[dw]$/,
  "a shift: write 1w, 2w, 1d … up to two digits, or hours that divide a day: 1h, 2h, 3h, 4h, 6h, 8h, 12h, 24h",
);

/** Elapsed time since the declaration: unlike elsewhere, nothing (`0m`) is a delay too. */
const Delay = z
  .string({ error: delayMisfit })
  .regex(/^(?:0|[1-9]\d{0,5})[smhd]$/, { error: delayMisfit })
  .transform((written, context): Millis => {
    const ms = Number(written.slice(0, -1)) * MS_PER_UNIT[written.at(-1) as keyof typeof MS_PER_UNIT];
    if (ms > 7 * MS_PER_UNIT.d) {
      context.issues.push({ code: "custom", input: written, message: `${showValue(written)} is too long: at most 7d` });
    }
    return ms as Millis;
  });

function delayMisfit(issue: { readonly input?: unknown }): string {
  return misfit(issue.input, "a delay: write a whole number and s, m, h or d, such as 0m or 15m");
}

function map<Value extends z.ZodType>(key: z.ZodType<string, string>, value: Value, example: string) {
  return z.record(key, value, { error: (issue) => misfit(issue.input, `a map: write ${example}`) });
}

const OtherNames = section({
  slack: text(/^[UW][A-Z0-9]{2,20}$/, "a Slack member id: write it as U024BE7LH (in Slack: profile, Copy member ID)")
    .optional()
    .meta({ title: "a member id such as `U024BE7LH`", description: "Who they are in Slack." }),
  email: z
    .email({ error: (issue) => misfit(issue.input, "an e-mail address: write it as alice@example.com") })
    .max(254, { error: "this e-mail address is too long: at most 254 characters" })
    .optional()
    .meta({
      title: "an e-mail address",
      description: "Who they are in Better Stack and PagerDuty, and in Slack when `slack` is missing.",
    }),
  zone: Zone.optional().meta({
    title: "a time zone",
    description: "Where they live: their local time is shown with their name.",
  }),
});

const Window = section({
  days: list(Day, 7, "[mon, tue]")
    .min(1, { error: "this list is empty: name a day in it, or remove the key for every day" })
    .optional()
    .meta({
      title: "list of `mon` … `sun`",
      description: "The days on which the window begins. Without it: every day.",
    }),
  from: TimeOfDay.meta({ title: 'a time of day such as `"09:00"`', description: "When the window begins." }),
  to: EndOfDay.meta({
    title: 'a time of day, or `"24:00"`',
    description: "When it ends: on the next day where this is not later than `from`.",
  }),
});

const RotationFields = section({
  zone: Zone.optional().meta({
    title: "a time zone",
    description: "The zone of every time of this rotation. Without it: the zone of the file.",
  }),
  start: LocalDate.meta({
    title: "a date",
    description: "The day of the first handoff. Before it the rotation has nobody.",
  }),
  handoff: TimeOfDay.prefault("09:00").meta({
    description: "The time of day of every handoff, in the rotation's zone.",
  }),
  "handoff-day": Day.optional().meta({
    description: "The weekday of `start`, for readers. It has to agree with the date.",
  }),
  shift: ShiftLength.prefault("1w").meta({
    title: "`<n>w`, `<n>d`, or hours that divide a day: `1h`, `2h`, `3h`, `4h`, `6h`, `8h`, `12h`, `24h`",
    description: "How long one person is on call.",
  }),
  members: list(Login, MOST_MEMBERS, "[alice, bob]")
    .min(1, { error: "this list is empty: name someone in it" })
    .meta({
      title: `list of 1 to ${MOST_MEMBERS} logins, or \`nobody\``,
      description:
        "Who takes turns, in this order. `nobody` is a turn left open on purpose, which the next layer fills. A login may " +
        "be there more than once.",
    }),
  until: Moment.optional().meta({
    title: "a date or a local time",
    description:
      "From then on the rotation has nobody. To change members without a reshuffle, end the old rotation and start a new " +
      "one at the same handoff.",
  }),
  restrictions: list(Window, MOST_WINDOWS, '[{ from: "09:00", to: "17:00" }]')
    .prefault([])
    .meta({
      title: `list of at most ${MOST_WINDOWS} windows`,
      description:
        'When the rotation is on call at all: `{ days: [mon], from: "09:00", to: "17:00" }`. `days` are those on which a window ' +
        "begins (without it: every day); `to` is on the next day where it is not later than `from`, and may be `24:00`. " +
        "Without windows: always. Turns go on outside the windows.",
    }),
});

const RoleFields = section({
  follow: Name.optional().meta({
    title: "a role listed above it",
    description: "Take people from the layer that role is taken from.",
  }),
  offset: wholeNumber(1, 20)
    .optional()
    .meta({ description: "Which one: `1` (without the key) is the next in turn after the person of `follow`." }),
  layers: list(Name, MOST_LAYERS, "[week]")
    .optional()
    .meta({
      title: `list of at most ${MOST_LAYERS} rotations`,
      description: "Rotations, best first: the first one with someone free is used. With `follow` they come after it.",
    }),
});

const MomentFrom = Moment.meta({
  title: "a date or a local time",
  description: "From then on; a date begins at 00:00.",
});
const MomentTo = Moment.meta({
  title: "a date or a local time",
  description: "Until then; that moment is not part of it.",
});
const MomentZone = Zone.optional().meta({
  title: "a time zone",
  description: "Of `from` and `to`. Without it: the zone of the file.",
});
const WrittenReason = Reason.optional().meta({ title: "one line", description: "Why, for readers." });

const OverrideFields = section({
  role: Name.meta({ description: "The role that is taken over." }),
  user: Login.meta({ title: "a login", description: "Who takes it over." }),
  for: Login.optional().meta({
    title: "a login",
    description: "Only while this person would have it. Without it: whoever would.",
  }),
  from: MomentFrom,
  to: MomentTo,
  zone: MomentZone,
  reason: WrittenReason,
});

const AbsenceFields = section({
  user: Login.meta({ title: "a login", description: "Who is away." }),
  from: MomentFrom,
  to: MomentTo,
  zone: MomentZone,
  reason: WrittenReason,
});

const ShadowFields = section({
  user: Login.meta({ title: "a login", description: "Who shadows." }),
  role: Name.meta({ description: "The role they shadow." }),
  from: MomentFrom,
  to: MomentTo,
  zone: MomentZone,
});

const StepFields = section({
  after: Delay.meta({
    title: "elapsed time in s, m, h or d, such as `0m` or `15m`",
    description: "Since the declaration, not since the step before.",
  }),
  notify: list(Name, MOST_ROLES + 1, "[primary]")
    .min(1, { error: "this list is empty: name a role in it, or team" })
    .meta({ title: "list of roles, or `team`", description: "Who is paged, besides those of the steps before." }),
});

const Steps = list(StepFields, 10, "[{ after: 0m, notify: [primary] }]").min(1, {
  error: "this list is empty: write a step such as { after: 0m, notify: [primary] }",
});

const EscalationFields = section({
  steps: Steps.meta({
    title: "list of 1 to 10 steps `{ after, notify }`",
    description:
      "Who is paged when: `after` is elapsed time since the declaration (or since a raised severity, a reopening, or an " +
      "`ack-timeout`), and `notify` names roles, or `team`. The steps are in order.",
    examples: [
      [
        { after: "0m", notify: ["primary"] },
        { after: "15m", notify: ["secondary"] },
      ],
    ],
  }),
  repeat: section({
    every: duration("mhd").meta({
      title: "duration in m, h or d, such as `30m`",
      description: "Time from the last step to the first one of the next round.",
    }),
    times: wholeNumber(1, 10).meta({ description: "How many more rounds." }),
  })
    .optional()
    .meta({ description: "After the last step, go through all of them again. Without it: once." }),
  "ack-timeout": duration("mhd")
    .optional()
    .transform((limit) => (limit === undefined || limit === 0 ? null : limit))
    .meta({
      title: "duration in m, h or d, such as `1h`",
      description: "An acknowledged incident in which nothing happens for this long starts again at the first step.",
    }),
});

/** `.github/sevgate/on-call.yml`: takes the document as read from YAML, and gives its fields with every default. */
export const OnCallDocument = section({
  version: z
    .literal(1, { error: (issue) => `${showValue(issue.input)} is not a version Sevgate reads: write version: 1` })
    .prefault(1)
    .meta({ description: "The version of this file's format." }),
  zone: Zone.prefault("Etc/UTC").meta({
    title: "a time zone such as `Europe/Berlin`",
    description: "The zone of every time that has none of its own.",
  }),
  team: list(Login, MOST_ENTRIES, "[alice, bob]").optional().meta({
    title: "list of logins",
    description: "Who is paged as `team`. Without it: every member of a rotation.",
  }),
  people: map(Login, OtherNames, "alice: { slack: U024BE7LH }")
    .prefault({})
    .meta({ description: "Who people are in other systems, by GitHub login. At most 300." }),
  rotations: map(Name, RotationFields, "week: and its fields indented below")
    .prefault({})
    .meta({ maxProperties: MOST_ROTATIONS, description: `Who takes turns, and when. At most ${MOST_ROTATIONS}.` }),
  roles: map(Name, RoleFields, "primary: { layers: [week] }").meta({
    minProperties: 1,
    maxProperties: MOST_ROLES,
    description:
      `What people are on call as, in this order; \`primary\` is one of them. At most ${MOST_ROLES}. A person has one role ` +
      "at a time.",
  }),
  overrides: list(OverrideFields, MOST_ENTRIES, "[{ role: primary, user: bob, from: 2026-01-11, to: 2026-01-12 }]")
    .prefault([])
    .meta({
      title: `list of at most ${MOST_ENTRIES}`,
      description:
        "Somebody else takes over a role for a while. Of two at the same time, the later entry wins. Turns do not move. " +
        "Fields: `role`, `user`, `from`, `to`, and if wanted `for` (only while that person would have it), `zone`, `reason`.",
    }),
  unavailable: list(AbsenceFields, MOST_ENTRIES, "[{ user: bob, from: 2026-12-24, to: 2027-01-02 }]")
    .prefault([])
    .meta({
      title: `list of at most ${MOST_ENTRIES}`,
      description:
        "Holidays, sick leave: the person is passed over for exactly that time, and turns do not move. Fields: `user`, `from`, " +
        "`to`, and if wanted `zone`, `reason`.",
    }),
  shadows: list(ShadowFields, MOST_ENTRIES, "[{ user: erin, role: primary, from: 2026-02-02, to: 2026-02-09 }]")
    .prefault([])
    .meta({
      title: `list of at most ${MOST_ENTRIES}`,
      description:
        "People who learn: shown with the role, never paged, never counted. Fields: `user`, `role`, `from`, `to`, and if " +
        "wanted `zone`.",
    }),
  escalation: map(
    text(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, "a severity of the policy, or default: write its name, such as P0"),
    // A bare list is the rule's steps.
    z.union([EscalationFields, Steps.transform((steps) => ({ steps, "ack-timeout": null }))], {
      error: (issue) => misfit(issue.input, "an escalation: write { steps: [{ after: 0m, notify: [primary] }] }"),
    }),
    "default: { steps: [{ after: 0m, notify: [primary] }] }",
  )
    .prefault({})
    .meta({
      description:
        "Who is paged when nobody acknowledges, by severity of the policy, and `default` for the others. Without it: `primary` " +
        "at once, `secondary` after 15 minutes, `team` after 30.",
    }),
}).meta({ title: "Sevgate on-call schedule", description: "Who is on call, `.github/sevgate/on-call.yml`." });

/** The document with its defaults; times are still as they were written. */
export type OnCallDocument = z.output<typeof OnCallDocument>;
