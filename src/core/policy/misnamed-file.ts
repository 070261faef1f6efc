import { nearestName } from "./nearest-name.ts";

/** A file that somebody means for Sevgate, under a name Sevgate does not read. */
export interface MisnamedFile {
  readonly path: string;
  /** The name it should have; of templates with a name of their own, the names there are. */
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

/** What people call these files besides their names. */
const POLICY_NAMES = ["sevgate", "policy", "config"];
const ON_CALL_NAMES = ["on-call", "oncall", "sevgate-on-call", "sevgate-oncall", "rota", "schedule"];

/**
 * Tells whether a file is one of Sevgate's under a wrong name: another ending, case or folder, or a slip of the finger.
 * `null`: it has a right name, or has nothing to do with Sevgate.
 *
 * @param path from the root of the repository
 */
export function misnamedFile(path: string): MisnamedFile | null {
  if (READ.has(path)) return null;
  const meant = meantBy(path.toLowerCase());
  return meant === null ? null : { path, meant };
}

function meantBy(path: string): string | null {
  const parts = path.split("/");
  const file = parts.pop() ?? "";
  const folder = parts.join("/");
  const [, name = "", ending = ""] =
    /^\.?([a-z0-9_ -]{1,40})\.(ya?ml|json|md|markdown|ya?ml\.txt|md\.txt)$/.exec(file) ?? [];
  if (name === "") return null;
  const word = name.replace(/[_ ]/g, "-");
  const isText = ending.startsWith("m");
  switch (folder) {
    case "":
      return !isText && isNear(word, ["sevgate"]) ? POLICY : null;
    case ".github":
      if (isText) return null;
      if (isNear(word, ["sevgate"])) return POLICY;
      return ON_CALL_NAMES.slice(0, 4).includes(word) ? ON_CALL : null;
    case ".github/sevgate":
      if (isText) return isNear(word, TEMPLATE_NAMES) ? templateCalled(word) : null;
      if (isNear(word, POLICY_NAMES)) return POLICY;
      return isNear(word, ON_CALL_NAMES) ? ON_CALL : null;
    case TEMPLATES:
    case ".github/sevgate/template":
    case ".github/sevgate-templates":
      return templateCalled(word);
    default:
      return null;
  }
}

function isNear(word: string, names: readonly string[]): boolean {
  return nearestName(word, names) !== null;
}

function templateCalled(word: string): string {
  const name = nearestName(word, TEMPLATE_NAMES);
  if (name !== null) return `${TEMPLATES}/${name}.md`;
  return `${TEMPLATES}/incident.md, post-mortem.md or status.md`;
}
