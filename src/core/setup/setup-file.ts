/** A file that a repository starts with, by its path in it. */
export interface SetupFile {
  readonly path: string;
  readonly text: string;
}
