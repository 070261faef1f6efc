import { MISNAMED_FOLDERS, type MisnamedFile, misnamedFile } from "../core/policy/misnamed-file.ts";

/**
 * Looks through the folders of a repository for files meant for Sevgate, under names it does not read.
 *
 * @param list    the paths of the files in a folder, from the root of the repository (`""`); none if there is no such
 *   folder
 * @param isAlone whether the repository has no policy: then a backup of one may be meant for it
 */
export async function findMisnamed(
  list: (folder: string) => Promise<readonly string[]>,
  isAlone: boolean,
): Promise<readonly MisnamedFile[]> {
  const found: MisnamedFile[] = [];
  for (const folder of MISNAMED_FOLDERS) {
    found.push(...(await list(folder)).flatMap((path) => misnamedFile(path, isAlone) ?? []));
  }
  return found;
}
