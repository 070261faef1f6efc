import { readdir } from "node:fs/promises";

/** The names in a folder; none if it is not there, or not ours to look into: then nothing can be said about it. */
export async function listFolder(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => []);
}
