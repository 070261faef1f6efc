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
  const isBuilt = !import.meta.url.endsWith(".ts");
  const file = new URL(isBuilt ? "../demo/play-demo.js" : "../../demo/play-demo.ts", import.meta.url);
  const { playDemo } = (await import(file.href)) as PlayedDemo;
  return await playDemo({ ...options, again: isBuilt ? "sevgate demo --keep" : "npm run demo -- --keep" });
}
