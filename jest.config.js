import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// What a process has compiled, or stripped of its types, the next one need not: this one, its workers, and the hundreds of
// programs that tests start.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/compile", import.meta.url));
enableCompileCache(process.env.NODE_COMPILE_CACHE);

export default {
  testEnvironment: "<rootDir>/jest/environment.js",
  // Jest leaves a core to whoever watches; of two that is half.
  maxWorkers: "100%",
  // All that tests rest on, so that watch mode notices a change of it.
  roots: ["<rootDir>/src", "<rootDir>/test", "<rootDir>/testkit", "<rootDir>/demo"],
  testMatch: ["**/*.test.ts"],
  // Ends what hangs. A busy machine takes ten times as long as an idle one, and no test is about time.
  testTimeout: 60_000,
  // Minutes long: `npm run test:faults` (jest.faults.config.js).
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/faults/"],
  // Node loads the tests, and strips their types.
  runtime: "<rootDir>/jest/runtime.js",
  transform: {},
};
