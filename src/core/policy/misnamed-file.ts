import { nearestName } from "./nearest-name.ts";
import { templateNameIn } from "./post-mortem-template.ts";

/** A file that somebody meant for Sevgate, under a name Sevgate does not read. */
export interface MisnamedFile {
  readonly path: string;
  /** The name it should have; for a template with an invented name, the names that exist. */
  readonly meant: string;
}

const POLICY = ".github/sevgate.yml";
const ON_CALL = ".github/sevgate/on-call.yml";
const TEMPLATES = ".github/sevgate/templates";
const TEMPLATE_NAMES = ["incident", "post-mortem", "status"] as const;
const READ: ReadonlySet<string> = new Set([
  POLICY,
  ON_CALL,
  ...TEMPLATE_NAMES.map((name) => `${TEMPLATES}/${name}.md`),
]);

/** The folders of a repository, `""` for its root, in which such files are looked for. */
export const MISNAMED_FOLDERS = [
  "",
  ".github",
  ".sevgate",
  ".github/sevgate",
  TEMPLATES,
  ".github/sevgate/template",
] as const;

/** What people call these files besides their right names. */
const POLICY_NAMES = ["sevgate", "policy", "config", "sevgate-policy", "sevgate-config"];
const OUTSIDE_POLICY_NAMES = ["sevgate", "sevgate-policy", "sevgate-config"];
const ON_CALL_NAMES = ["on-call", "oncall", "sevgate-on-call", "sevgate-oncall", "rota", "schedule"];
const OUTSIDE_ON_CALL_NAMES = ["sevgate-on-call", "sevgate-oncall"];
/** Real words that are one letter away. */
const OTHER_WORDS: ReadonlySet<string> = new Set(["seagate"]);
/** Folders in which people keep templates, the right one first. */
const TEMPLATE_FOLDERS: ReadonlySet<string> = new Set([
  TEMPLATES,
  ".github/sevgate/template",
  ".github/sevgate-templates",
  ".sevgate/templates",
]);
/** A template of a label or severity, as people may spell its name: `postmortem_p0.md`, `post-mortem.p0.liquid`. */
const NAMED_POST_MORTEM =
  /^post[-_ ]?mortems?[-._ ]([a-z0-9][a-z0-9_-]{0,58})\.(?:md|markdown|txt|liquid|md\.liquid|liquid\.md|md\.txt)$/;
/** Files that explain a folder to people belong there. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["readme", "license", "contributing", "changelog", "index"]);

const DATA_ENDINGS: ReadonlySet<string> = new Set(["yml", "yaml", "json", "toml", "yml.txt", "yaml.txt"]);
const TEXT_ENDINGS: ReadonlySet<string> = new Set([
  "md",
  "markdown",
  "txt",
  "md.txt",
  "liquid",
  "md.liquid",
  "liquid.md",
]);

/**
 * Recognises a file of Sevgate's under a wrong name: a different ending, case or folder, or a typing slip. `null`: its
 * name is right, or it has nothing to do with Sevgate.
 *
 * @param path    from the root of the repository
 * @param isAlone whether there is no file of the right name, as far as is known: beside one, a backup is just a backup
 */
export function misnamedFile(path: string, isAlone = true): MisnamedFile | null {
  if (READ.has(path) || isForLabelOrSeverity(path) || path.length > 200) return null;
  const [, original, backup] = /^([^~]{1,200}?)(\.(?:bak|backup|old|orig|save)|~)?$/.exec(path.toLowerCase()) ?? [];
  if (original === undefined || (backup !== undefined && !isAlone)) return null;
  const meant = READ.has(original) ? original : meantBy(original);
  return meant === null ? null : { path, meant };
}

function isForLabelOrSeverity(path: string): boolean {
  return path.startsWith(`${TEMPLATES}/`) && templateNameIn(path.slice(TEMPLATES.length + 1)) !== null;
}

function meantBy(path: string): string | null {
  const parts = path.split("/");
  const file = parts.pop() ?? "";
  const folder = parts.join("/");
  const named = TEMPLATE_FOLDERS.has(folder) ? NAMED_POST_MORTEM.exec(file)?.[1] : undefined;
  if (named !== undefined && !TEXT_ENDINGS.has(named)) return `${TEMPLATES}/post-mortem.${named}.md`;
  const [, name = "", ending = ""] = /^\.?([^.]{1,60})\.([a-z.]{1,12})$/.exec(file) ?? [];
  // What systems call a second file of the same name: `sevgate (1).yml`, `sevgate copy.yml`, `sevgate - Copy.yml`.
  const [, first = ""] =
    /^([a-z0-9_-]{1,40}(?: [a-z0-9_-]{1,20})??)(?:(?: -)? copy(?: \d{1,3})?)?(?: \(\d{1,3}\))?$/.exec(name) ?? [];
  const word = first.replace(/[_ ]/g, "-");
  if (word === "" || OTHER_WORDS.has(word)) return null;
  const isData = DATA_ENDINGS.has(ending);
  const isText = TEXT_ENDINGS.has(ending);
  if (TEMPLATE_FOLDERS.has(folder)) return isText && !FOR_PEOPLE.has(word) ? templateCalled(word) : null;
  switch (folder) {
    case "":
      return isData && isNear(word, ["sevgate"]) ? POLICY : null;
    case ".github":
      if (!isData) return null;
      if (isNear(word, OUTSIDE_ON_CALL_NAMES)) return ON_CALL;
      return isNear(word, OUTSIDE_POLICY_NAMES) ? POLICY : null;
    case ".github/sevgate":
    case ".sevgate":
      if (isText) return ending === "txt" ? null : templateExactly(word);
      if (!isData) return null;
      if (isNear(word, POLICY_NAMES)) return POLICY;
      return isNear(word, ON_CALL_NAMES) ? ON_CALL : null;
    default:
      return null;
  }
}

function isNear(word: string, names: readonly string[]): boolean {
  return nearestName(word, names) !== null;
}

/** In a folder that may contain other texts as well, only the exact names. */
function templateExactly(word: string): string | null {
  const name = TEMPLATE_NAMES.find((one) => one.replace("-", "") === word.replace("-", ""));
  return name === undefined ? null : `${TEMPLATES}/${name}.md`;
}

function templateCalled(word: string): string {
  const name = nearestName(word, TEMPLATE_NAMES);
  if (name !== null) return `${TEMPLATES}/${name}.md`;
  return `${TEMPLATES}/incident.md, post-mortem.md or status.md`;
}
