import type { ChildProcess } from "node:child_process";

/** What a program that was started has printed so far, both streams in one; and its exit code, or the signal that ended it. */
export interface Gathered {
  readonly ended: Promise<number | string>;
  output(): string;
}

export function gatherOutput(child: ChildProcess): Gathered {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  const ended = new Promise<number | string>((done) => {
    child.once("close", (code, signal) => done(code ?? signal ?? "unknown"));
  });
  return { ended, output: () => output };
}
