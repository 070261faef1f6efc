import {
  AssignTag,
  BreakTag,
  CommentTag,
  Context,
  ContinueTag,
  defaultOperators,
  evalToken,
  ForTag,
  filters,
  IfTag,
  InlineCommentTag,
  Liquid,
  RawTag,
  toValueSync,
  UnlessTag,
} from "liquidjs";
import type { TemplateSource } from "../observation.ts";
import { remembered } from "../remembered.ts";

/** The longest template, in characters: as long as a body on GitHub. */
export const LONGEST_TEMPLATE_CHARACTERS = 65_536;
/**
 * How much work one template may cause. A unit is a character that is output or passed through a filter, an element of
 * a list that is iterated, or one tag, operator or name that is looked at. The built-in templates need about one for
 * each character they produce.
 */
export const MOST_TEMPLATE_WORK = 200_000;
/** A branch is a condition of its own, with or without a name to look at. */
const WORK_OF_A_BRANCH = 5;
/** The most tags and outputs of a template: nested ones are a flat list here, and are walked once. */
const MOST_TEMPLATE_TAGS = 2_000;

/** A template that causes more work than it may. */
class TooMuchWork extends Error {
  constructor() {
    super(`makes too much work (more than ${MOST_TEMPLATE_WORK} steps): use fewer or shorter loops and texts`);
  }
}

/**
 * What is left of the work a template may cause; takes the place of liquidjs's own limits, which filters and loops
 * escape.
 */
class WorkLimit {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** @param units NaN is the length of a range between things that are not numbers */
  use(units: number): void {
    if (units > 0) this.#left -= units;
    if (this.#left < 0) throw new TooMuchWork();
  }

  /** Called by liquidjs before each part of a template; its argument is the time, which does not matter here. */
  check(): void {
    this.use(1);
  }
}

/** Counts names: an expression may hold thousands. */
class CountedContext extends Context {
  override readProperty(...args: Parameters<Context["readProperty"]>): unknown {
    this.renderLimit.use(1);
    return super.readProperty(...args);
  }
}

/** Counts the elements of the list before it is iterated: an empty loop body has no parts for liquidjs to check. */
class CountedForTag extends ForTag {
  override *render(...[context, emitter]: Parameters<ForTag["render"]>): ReturnType<ForTag["render"]> {
    context.renderLimit.use(sizeOf(yield evalToken(this.collection, context)) + this.token.getText().length);
    yield super.render(context, emitter);
  }
}

class CountedIfTag extends IfTag {
  override *render(...[context, emitter]: Parameters<IfTag["render"]>): ReturnType<IfTag["render"]> {
    context.renderLimit.use(WORK_OF_A_BRANCH * this.branches.length);
    yield super.render(context, emitter);
  }
}

class CountedUnlessTag extends UnlessTag {
  override *render(...[context, emitter]: Parameters<UnlessTag["render"]>): Generator<unknown, void, unknown> {
    context.renderLimit.use(WORK_OF_A_BRANCH * this.branches.length);
    yield super.render(context, emitter);
  }
}

/**
 * The tags of a template, each with its end and its branches. No others: not those that read files, nor those that keep
 * output for later (`capture`, which doubles a text with each use).
 */
const TAGS = {
  assign: AssignTag,
  break: BreakTag,
  comment: CommentTag,
  continue: ContinueTag,
  for: CountedForTag,
  if: CountedIfTag,
  raw: RawTag,
  unless: CountedUnlessTag,
  "#": InlineCommentTag,
} as const;

/** What a filter costs beyond what goes into it. */
type Extra = (value: unknown, args: readonly unknown[]) => number;
const nothing: Extra = () => 0;

/** The filters of a template: each outputs no more than goes into it, except for what is stated here. */
const FILTERS = {
  append: nothing,
  capitalize: nothing,
  default: nothing,
  downcase: nothing,
  first: nothing,
  join: (value, [separator]) => (Array.isArray(value) ? value.length * (sizeOf(separator) + 1) : 0),
  last: nothing,
  minus: nothing,
  plus: nothing,
  prepend: nothing,
  replace: (value, [wanted, instead]) => (sizeOf(value) / Math.max(1, sizeOf(wanted)) + 1) * sizeOf(instead),
  size: nothing,
  strip: nothing,
  truncate: nothing,
  upcase: nothing,
} satisfies Partial<Record<keyof typeof filters, Extra>>;

export const TEMPLATE_TAGS: readonly string[] = Object.keys(TAGS);
export const TEMPLATE_FILTERS: readonly string[] = Object.keys(FILTERS);

/**
 * Liquid without network, file system or endless work: templates come from the repository's default branch, so they are
 * its maintainers' own, but one of them must still not hold up everybody else's incidents. Everything it can do is
 * counted; what is not counted, it cannot do.
 */
const engine = createEngine();

function createEngine(): Liquid {
  const created = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    relativeReference: false,
    templates: {},
    // The same on every machine; to ask for the machine's own would also load ICU's data.
    locale: "en-US",
    parseLimit: LONGEST_TEMPLATE_CHARACTERS,
    operators: countedOperators(),
  });
  for (const name of Object.keys(created.tags)) delete created.tags[name];
  for (const [name, tag] of Object.entries(TAGS)) created.registerTag(name, tag);
  for (const name of Object.keys(created.filters)) delete created.filters[name];
  for (const [name, extra] of Object.entries(FILTERS) as [keyof typeof FILTERS, Extra][]) {
    const filter = filters[name] as (this: unknown, value: unknown, ...args: unknown[]) => unknown;
    created.registerFilter(name, function (value: unknown, ...args: unknown[]) {
      const goesIn = [value, ...args].reduce<number>((sum, one) => sum + sizeOf(one), 1);
      this.context.renderLimit.use(goesIn + extra(value, args));
      return filter.call(this, value, ...args);
    });
  }
  return created;
}

/**
 * The default operators, each counted: two lists are compared element by element, and one text is searched for
 * throughout another.
 */
function countedOperators(): typeof defaultOperators {
  const counted: Record<string, unknown> = {};
  for (const [name, operator] of Object.entries(defaultOperators)) {
    const apply = operator as (...args: unknown[]) => unknown;
    counted[name] = (...args: unknown[]) => {
      const context = args.at(-1) as Context;
      const sizes = args.slice(0, -1).map(sizeOf);
      context.renderLimit.use(sizes.reduce((all, one) => (name === "contains" ? all * (one + 1) : all + one), 1));
      return apply(...args);
    };
  }
  return counted as typeof defaultOperators;
}

/** The characters of a text, or of all elements of a list; at least one for each. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length + 1;
  if (!Array.isArray(value)) return 1;
  let size = 1;
  for (const one of value) size += typeof one === "string" ? one.length + 1 : 1;
  return size;
}

/** Where the output of a template goes; a template that would output more than it may is stopped first. */
class CountedOutput {
  buffer = "";
  readonly #limit: WorkLimit;

  constructor(limit: WorkLimit) {
    this.#limit = limit;
  }

  write(value: unknown): void {
    this.#limit.use(sizeOf(value));
    this.buffer += textOf(value);
  }
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => (Array.isArray(one) ? "" : textOf(one))).join("");
  return value === null || value === undefined ? "" : String(value);
}

/**
 * Stands in for the values of all templates, so that one that causes too much work with any values is found when it is
 * read.
 */
const EXAMPLE = {
  severity: "P0",
  phase: "declared",
  description: "example",
  notices: ["example"],
  facts: [{ name: "example", value: "example" }],
  checklist: [{ id: "example", text: "example", checked: true }],
  runbooks: [{ heading: "example", steps: [{ id: "example", text: "example", checked: false }], more: "example" }],
  gate: { heading: "example", lines: ["example"] },
  timeline: ["example", "example"],
  incident: "#1",
};

/** Why a template cannot be used. */
export interface TemplateTrouble {
  /** 1-based; the first line for what concerns the whole template. */
  readonly line: number;
  readonly column: number;
  /** One line, as the continuation of a sentence about the template, with what to write instead if that is known. */
  readonly message: string;
}

/** Looks for why a template cannot be used; `null`: nothing that can be known without the values of an incident. */
export function findTemplateTrouble(source: string): TemplateTrouble | null {
  try {
    renderWithin(new WorkLimit(MOST_TEMPLATE_WORK), source, EXAMPLE);
    return null;
  } catch (error) {
    const place = error instanceof Error ? /, line:(\d{1,9}), col:(\d{1,9})/.exec(error.message.slice(0, 2_000)) : null;
    return { line: Number(place?.[1] ?? 1), column: Number(place?.[2] ?? 1), message: problemOf(error) };
  }
}

/** Only the message of what `findTemplateTrouble` finds. */
export function templateProblem(source: string): string | null {
  return findTemplateTrouble(source)?.message ?? null;
}

const parse = remembered((source: string) => {
  const tags = source.split(/\{[{%]/, MOST_TEMPLATE_TAGS + 2).length - 1;
  if (tags > MOST_TEMPLATE_TAGS)
    throw new Error(`has more than ${MOST_TEMPLATE_TAGS} tags and outputs: make it shorter`);
  return engine.parse(source);
});

/** One line. What liquidjs says about an unknown name is true of Liquid, but not of what is possible here. */
function problemOf(error: unknown): string {
  for (
    let cause: unknown = error;
    cause instanceof Error;
    cause = (cause as { originalError?: unknown }).originalError
  ) {
    if (cause instanceof TooMuchWork) return cause.message;
    // Where the stack ends, also what is thrown to say so may turn out to be of another kind; the message stays.
    if (cause instanceof RangeError || cause.message.startsWith("Maximum call stack size exceeded"))
      return "is nested too deeply: make it simpler";
  }
  const said = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
  const filter = /undefined filter: (\w{1,40})/.exec(said)?.[1];
  if (filter !== undefined) return `uses the filter "${filter}": the filters are ${TEMPLATE_FILTERS.join(", ")}`;
  const tag = /tag "([^"]{1,40})" not found/.exec(said)?.[1];
  if (tag !== undefined) return `uses the tag "${tag}": the tags are ${TEMPLATE_TAGS.join(", ")}`;
  const open = /^(tag|output) (\S.{0,60}) not closed/.exec(said);
  if (open !== null) {
    const end = open[1] === "output" ? "write }} behind it" : "write its end, such as {% endif %} or {% endfor %}";
    return `has a part that is not closed, ${open[2]}: ${end}`;
  }
  return said === "" ? "cannot be parsed" : `is no Liquid here: ${said}`;
}

/** A rendered template, and why the repository's own was not used. */
export interface Rendered {
  readonly text: string;
  /** `null`: the first source was rendered. */
  readonly problem: string | null;
}

/**
 * Renders the first source that can be rendered. Values are inserted as they are: escape them first
 * (core/markdown/escape.ts). The last source is the built-in one and has no limit: its work is proportional to the
 * values, which are bounded.
 *
 * @throws Error when even the built-in source fails, which tests rule out
 */
export function renderFirst(sources: TemplateSource, values: object): Rendered {
  let failure: unknown;
  for (const [at, source] of sources.entries()) {
    const limit = new WorkLimit(at === sources.length - 1 ? Number.POSITIVE_INFINITY : MOST_TEMPLATE_WORK);
    try {
      const text = renderWithin(limit, source, values)
        .replace(/\n{3,}/g, "\n\n")
        .trim();
      return { text, problem: failure === undefined ? null : problemOf(failure) };
    } catch (error) {
      failure ??= error;
    }
  }
  throw new Error("no template renders", { cause: failure });
}

/** Only the text of what `renderFirst` gives. */
export function render(sources: TemplateSource, values: object): string {
  return renderFirst(sources, values).text;
}

function renderWithin(limit: WorkLimit, source: string, values: object): string {
  const output = new CountedOutput(limit);
  const limits = { renderLimit: limit, memoryLimit: limit, liquid: engine } as unknown as ConstructorParameters<
    typeof Context
  >[3];
  const context = new CountedContext(values, engine.options, { sync: true }, limits);
  toValueSync(engine.renderer.renderTemplates(parse(source), context, output));
  return output.buffer;
}
