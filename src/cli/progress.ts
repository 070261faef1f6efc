/** Where progress is shown: standard error. */
export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface ProgressParts {
  readonly stream?: ProgressStream;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Calls once, later; the answer takes it back. */
  readonly later?: (call: () => void, ms: number) => () => void;
}

/** What is done sooner than this needs no progress. */
const QUIET_MS = 1_000;
/** Back to the start of the line, and clear it (ECMA-48). */
const CLEAR_LINE = "\r\u001b[2K";

/**
 * Does something that may take longer than a second, and says on standard error that it is under way: in a terminal the step
 * it is at, on a line that is gone at the end; elsewhere one line, once. Standard output stays as it is.
 *
 * @param name what takes so long, for people
 * @param work is given what to call at each step, with a few words that say what comes now
 */
export async function withProgress<Done>(
  name: string,
  work: (step: (words: string) => void) => Promise<Done>,
  { stream = process.stderr, env = process.env, later = afterwards }: ProgressParts = {},
): Promise<Done> {
  const isTerminal = stream.isTTY === true && env["TERM"] !== "dumb";
  let words = "this takes a moment";
  let isShown = false;
  const show = () => {
    const line = `${name}: ${words} …`;
    stream.write(isTerminal ? `${CLEAR_LINE}${line.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}` : `${line}\n`);
  };
  const takeBack = later(() => {
    isShown = true;
    show();
  }, QUIET_MS);
  try {
    return await work((said) => {
      words = said;
      if (isShown && isTerminal) show();
    });
  } finally {
    takeBack();
    if (isShown && isTerminal) stream.write(CLEAR_LINE);
  }
}

function afterwards(call: () => void, ms: number): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
