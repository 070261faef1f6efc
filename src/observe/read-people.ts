import { TransientError } from "../base/errors.ts";
import type { PermissionAnswer, Repository } from "../core/model.ts";
import { permissionKey } from "../core/names.ts";
import { isOfTheTeam } from "../core/trust/content-class.ts";
import { askPermission } from "./known-people.ts";
import { isPublic, ofSameInstallation } from "./other-repository.ts";
import type { Reader, Reading } from "./reading.ts";

/** The rights people have, and how often they have asked for something recently. */
export const readPeople: Reader = async (reading, seen, { people }) => {
  if (people === null) return {};
  const { repository, permissions } = seen;
  const { askers, here, there, declarer } = people;
  const places = await Promise.all(
    there.map(async (one) => ({ ...one, at: await ofSameInstallation(reading.index, repository, one.place) })),
  );
  const [answers, has] = await Promise.all([
    Promise.all([
      ...here.map((login) => rightsOf(reading, repository, login, null)),
      ...places.flatMap(({ place, logins, at }) =>
        at === null ? [] : logins.map((login) => rightsOf(reading, at, login, place)),
      ),
    ]),
    declarer === null ? null : reading.people.permission(repository, declarer),
  ]);
  const known = new Map([...permissions, ...answers]);
  const isAskedByStrangers = askers.some(({ author }) => {
    const rights = author.isBot ? undefined : known.get(permissionKey(author.login));
    return rights !== undefined && rights !== "cannot-tell" && !isOfTheTeam(rights);
  });
  return {
    permissions: known,
    ...(isAskedByStrangers ? { isPublic: await isPublicNow(reading, repository) } : {}),
    ...(has === null ? {} : { declarer: has }),
    ...(askers.length === 0 ? {} : { askedLately: reading.askedLately.note(repository, askers, seen.at) }),
  };
};

/** What GitHub does not tell counts as private: there, people without rights get answers. */
async function isPublicNow(reading: Reading, repository: Repository): Promise<boolean> {
  try {
    return await isPublic(reading, repository);
  } catch (error) {
    if (error instanceof TransientError && error.retryAfterMs === null) return false;
    throw error;
  }
}

/** @param name the repository's name in the incident's policy; `null`: its own */
async function rightsOf(
  { read }: Reading,
  repository: Repository,
  login: string,
  name: string | null,
): Promise<readonly [string, PermissionAnswer]> {
  return [permissionKey(login, name), await askPermission(read, repository, login)];
}
