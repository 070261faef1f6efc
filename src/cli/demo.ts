import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
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
  const lack = lackOf(options.output) ?? lackOfTemporaryFolder();
  if (lack !== null) {
    process.stderr.write(`error: ${lack}\n`);
    return 1;
  }
  keepFromProxy();
  const isBuilt = !import.meta.url.endsWith(".ts");
  const file = new URL(isBuilt ? "../demo/play-demo.js" : "../../demo/play-demo.ts", import.meta.url);
  const { playDemo } = (await import(file.href)) as PlayedDemo;
  return await playDemo({ ...options, again: `${isBuilt ? asCalled() : "npm run demo --"} --keep` });
}

/** npx leaves no `sevgate` behind to call. */
function asCalled(): string {
  return process.env["npm_command"] === "exec" ? "npx sevgate demo" : "sevgate demo";
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
    if (errorCode(error) === "") throw error;
    return `${output} cannot be written (${errorCode(error)}). Name another file with --output.`;
  }
}

/** Where the server of the demo has its data. */
function lackOfTemporaryFolder(): string | null {
  try {
    accessSync(tmpdir(), constants.W_OK);
    return statSync(tmpdir()).isDirectory() ? null : `${tmpdir()} is no folder. Set TMPDIR to one.`;
  } catch (error) {
    return `Nothing can be written to ${tmpdir()} (${errorCode(error)}). Set TMPDIR to a folder of yours.`;
  }
}

/** All of the demo is on this machine, which a proxy does not reach (NODE_USE_ENV_PROXY). Node reads both names again for each request. */
function keepFromProxy(): void {
  const { no_proxy, NO_PROXY } = process.env;
  const direct = [no_proxy ?? NO_PROXY, "localhost", "127.0.0.1"].filter(Boolean).join(",");
  Object.assign(process.env, { no_proxy: direct, NO_PROXY: direct });
}
