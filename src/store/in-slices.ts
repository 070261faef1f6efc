/** Few enough for a short statement, even if each has a record of 60 kB. */
const SLICE = 50;

/** Deletes many rows in short statements, and lets others in between. @param deleteSome returns a row for each one deleted */
export async function inSlices(deleteSome: (most: number) => Promise<readonly object[]>): Promise<void> {
  let gone: readonly object[];
  do gone = await deleteSome(SLICE);
  while (gone.length === SLICE);
}
