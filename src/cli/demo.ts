import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { errorCode } from "../base/error-code.ts";

/** What `sevgate demo` is told. */
export interface DemoArguments {
  readonly keep: boolean;
  readonly output: string;
}

interface PlayedDemo {
  playDemo(options: DemoArguments & { readonly again: string }): Promise<0 | 1>;
}

/**
 * `sevgate demo`: plays an incident with the real server on an embedded GitHub, on this machine alone.
 *
 * It is no part of the server, so it is no import: it is in `demo/`, or was built to beside this.
 *
 * @returns the exit code: 1 when something was not as it should be
 */
export async function demo(options: DemoArguments): Promise<0 | 1> {
  const lack = lackOf(options.output);
  if (lack !== null) {
    process.stderr.write(`error: ${lack}\n`);
    return 1;
  }
  const isBuilt = !import.meta.url.endsWith(".ts");
  const file = new URL(isBuilt ? "../demo/play-demo.js" : "../../demo/play-demo.ts", import.meta.url);
  const { playDemo } = (await import(file.href)) as PlayedDemo;
  return await playDemo({ ...options, again: isBuilt ? "sevgate demo --keep" : "npm run demo -- --keep" });
}

/** Why the page could not be written at the end; `null`: it can be. Makes the folder it goes to. */
function lackOf(output: string): string | null {
  const file = resolve(output);
  try {
    mkdirSync(dirname(file), { recursive: true });
    accessSync(dirname(file), constants.W_OK);
    if (!existsSync(file)) return null;
    if (statSync(file).isDirectory())
      return `${output} is a folder. Name a file in it: --output ${join(output, "incident.html")}`;
    accessSync(file, constants.W_OK);
    return null;
  } catch (error) {
    if (errorCode(error) === null) throw error;
    return `${output} cannot be written (${errorCode(error)}). Name another file with --output.`;
  }
}
