/** Few enough for a short statement, also where each has a record of 60 kB. */
const SLICE = 50;

/** Deletes much in many short statements, with whatever others want in between. @param deleteSome gives a row for each that is gone */
export async function inSlices(deleteSome: (most: number) => Promise<readonly object[]>): Promise<void> {
  let gone: readonly object[];
  do gone = await deleteSome(SLICE);
  while (gone.length === SLICE);
}
