import { createRequire, registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import Runtime from "jest-runtime";
import { forFile } from "./globals.js";

/*
 * Jest loads all that a file of tests imports anew for it, in a world of its own: a second of processor time for each file,
 * and V8 begins again to compile. Here Node loads it, once for each worker, as it does in production. What Jest is for
 * stays: finding files, workers, `-t`, timeouts, reports.
 *
 * So files of tests share the modules they import. `src/` keeps nothing in them but what could be worked out again.
 */

const GLOBALS = new URL("globals.js", import.meta.url).href;
const ROOT = new URL("../", import.meta.url).href;
const LIBRARIES = new URL("node_modules/", ROOT).href;
const require = createRequire(import.meta.url);
/** Jest's state of the file before, by which it would take hooks and timeouts of that file for this one's. */
const STATE_OF_A_FILE = ["EVENT_HANDLERS", "TEST_TIMEOUT_SYMBOL", "RETRY_TIMES"].map((name) => Symbol.for(name));

/** In watch mode, where files change between two runs, one more for each run of a file of tests. */
let version = 0;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === "@jest/globals") return { url: GLOBALS, format: "module", shortCircuit: true };
    const found = next(specifier, context);
    const isVersioned = version > 0 && found.url.startsWith(ROOT) && !found.url.startsWith(LIBRARIES);
    return isVersioned ? { ...found, url: `${found.url}?${version}` } : found;
  },
});

export default class NativeRuntime extends Runtime {
  #isWatched;

  constructor(...given) {
    super(...given);
    const { watch, watchAll } = given.at(-1);
    this.#isWatched = watch || watchAll;
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    if (this.#isWatched) version += 1;
    forFile(this.jestGlobals.cjsGlobals(path));
    return await import(pathToFileURL(path).href);
  }

  /** The part of Jest that keeps the tests of a file: a new one for each. */
  requireInternalModule(path) {
    for (const one of STATE_OF_A_FILE) delete globalThis[one];
    delete require.cache[path];
    return require(path);
  }

  /** Jest would put its own modules for Node's. */
  installGetBuiltinModule() {}
}
