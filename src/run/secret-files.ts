import { errorCode } from "../base/error-code.ts";
import type { KnownSetting } from "../base/known-setting.ts";
import { alertSecrets } from "../ingress/alerts/alert-endpoints.ts";
import type { Environment, SettingsProblem } from "./environment.ts";
import { KNOWN_SETTINGS } from "./known-settings.ts";

/** A secret and this ending: the setting that names a file with it. */
const FILE_SUFFIX = "_FILE";

/** The text of a file; throws as `readFileSync` does. */
type ReadFile = (path: string) => string;

/** The settings that are secret, as they are listed: `ALERT_SECRET_<NAME>` stands for all of its kind. */
export const SECRET_SETTINGS: readonly string[] = KNOWN_SETTINGS.filter((one: KnownSetting) => one.isSecret).map(
  ({ name }) => name,
);

/** All secrets that the server reads, those of its alert endpoints by their names. */
export function serverSecrets(env: Environment): readonly string[] {
  return [...SECRET_SETTINGS, ...alertSecrets(env)];
}

/**
 * The environment with each of these secrets that a file holds in its place: `RECORD_KEY_FILE=/run/secrets/record-key` is
 * read into `RECORD_KEY`, as the official images of databases do it. Every secret that Sevgate reads goes through here.
 *
 * White space at the file's end is not part of the secret. A secret given twice, a file that cannot be read, and one with
 * nothing in it are problems: a secret that is silently missing may turn something off.
 */
export function withSecretFiles(
  given: Environment,
  read: ReadFile,
  secrets: readonly string[],
): { readonly env: Environment; readonly problems: readonly SettingsProblem[] } {
  const problems: SettingsProblem[] = [];
  const env: Record<string, string | undefined> = { ...given };
  for (const secret of new Set(secrets)) {
    const name = `${secret}${FILE_SUFFIX}`;
    const path = given[name]?.trim() ?? "";
    // An alert endpoint may have a name that ends like this: then that is its secret.
    if (path === "" || secrets.includes(name)) continue;
    delete env[name];
    if ((given[secret]?.trim() ?? "") !== "") {
      problems.push({ name, message: `${name} and ${secret} are both set. Remove one of them.` });
      continue;
    }
    const content = readSecret(name, path, read);
    if (typeof content === "string") env[secret] = content;
    else problems.push(content);
  }
  return { env, problems };
}

function readSecret(name: string, path: string, read: ReadFile): string | SettingsProblem {
  try {
    const content = read(path).trimEnd();
    // Read as UTF-8, other bytes become U+FFFD, and in UTF-16 every second one is none: never what somebody meant.
    if (content.includes("\0") || content.includes("\uFFFD")) {
      return {
        name,
        message: `${name} names a file that is not text in UTF-8: ${path}. Write the secret into it anew.`,
      };
    }
    if (content.trim() !== "") return content;
    return { name, message: `${name} names a file with nothing in it: ${path}. Write the secret into it.` };
  } catch (error) {
    return unreadable(name, path, error);
  }
}

/**
 * Settings that are no secrets and are given as if they were, which would be silently missing.
 *
 * @param env what is given
 */
export function filesOfNoSecrets(env: Environment): readonly SettingsProblem[] {
  return KNOWN_SETTINGS.filter((one: KnownSetting) => one.isSecret !== true)
    .map(({ name }) => ({ setting: name, name: `${name}${FILE_SUFFIX}` }))
    .filter(({ name }) => (env[name]?.trim() ?? "") !== "")
    .map(({ setting, name }) => ({
      name,
      message: `${name} has no meaning: only secrets are read from files. Set ${setting} itself.`,
    }));
}

/**
 * Without what follows from a file that could not be read: the secret in it is not missing.
 *
 * @param unread the problems with files of secrets
 */
export function withoutConsequences(
  problems: readonly SettingsProblem[],
  unread: readonly SettingsProblem[],
): readonly SettingsProblem[] {
  const names = new Set(unread.map(({ name }) => name));
  return problems.filter(({ name }) => !names.has(`${name}${FILE_SUFFIX}`));
}

/** What to say of a file that a setting names, when reading it has thrown. */
export function unreadable(name: string, path: string, error: unknown): SettingsProblem {
  const code = errorCode(error) || "unreadable";
  const remedy = code === "EFBIG" ? "It is far too large: check the path." : "Check the path and its permissions.";
  return { name, message: `${name} names a file that cannot be read (${code}): ${path}. ${remedy}` };
}
