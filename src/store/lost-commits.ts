/** Of SQLite's write-ahead log (https://www.sqlite.org/fileformat2.html#the_write_ahead_log). */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** What SQLite takes for a new database. */
const PAGE_BYTES = 4_096;
const FRAME_BYTES = FRAME_HEADER_BYTES + PAGE_BYTES;
/** The lowest bit says in which byte order the sums read the words. */
const MAGIC = 0x377f0682;
/** A power cut may leave the last commit half written: nobody has been told that it was kept. */
const MAY_BE_HALF = 1;

/** The two running sums of a log. */
type Sums = readonly [number, number];

/**
 * How many commits of a log are certainly lost because a bit before them has flipped. SQLite reads a log up to the first frame
 * with a wrong sum, and silently takes the rest for what a crash left behind. 0: none, or only the last one, which a crash may
 * have left like that.
 *
 * @param log the file beside the database, as the last process left it
 */
export function lostCommits(log: Buffer): number {
  if (log.length < HEADER_BYTES + FRAME_BYTES) return 0;
  const isBigEndian = (log.readUInt32BE(0) & 1) === 1;
  let sums = summed([0, 0], log.subarray(0, 24), isBigEndian);
  const hasHeader = log.readUInt32BE(0) >>> 1 === MAGIC >>> 1 && isSum(sums, log, 24);
  // Each round of the log has a salt of its own: what is left of the previous round does not belong to this one.
  const salt = hasHeader ? log.subarray(16, 24) : log.subarray(HEADER_BYTES + 8, HEADER_BYTES + 16);
  let isWhole = hasHeader;
  let lost = 0;
  for (let at = HEADER_BYTES; at + FRAME_BYTES <= log.length; at += FRAME_BYTES) {
    const frame = log.subarray(at, at + FRAME_BYTES);
    const isOfThisRound = frame.subarray(8, 16).equals(salt);
    if (isWhole) {
      sums = summed(summed(sums, frame.subarray(0, 8), isBigEndian), frame.subarray(FRAME_HEADER_BYTES), isBigEndian);
      isWhole = isOfThisRound && isSum(sums, frame, 16);
    }
    const isCommit = frame.readUInt32BE(4) !== 0;
    if (!isWhole && isOfThisRound && isCommit) lost += 1;
  }
  return lost > MAY_BE_HALF ? lost : 0;
}

function summed([first, second]: Sums, bytes: Buffer, isBigEndian: boolean): Sums {
  let [a, b] = [first, second];
  for (let at = 0; at < bytes.length; at += 8) {
    const [x, y] = isBigEndian
      ? [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
      : [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    a = (a + x + b) >>> 0;
    b = (b + y + a) >>> 0;
  }
  return [a, b];
}

function isSum([first, second]: Sums, bytes: Buffer, at: number): boolean {
  return bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second;
}
