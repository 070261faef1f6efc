/** Each test file is a promise's home: few, large files start faster than many small ones (probot costs 0.4 s an import). */
export default {
  testEnvironment: "<rootDir>/jest.environment.js",
  // Jest leaves a core to whoever watches; of two that is half.
  maxWorkers: "100%",
  // All that tests rest on, so that watch mode notices a change of it.
  roots: ["<rootDir>/src", "<rootDir>/test", "<rootDir>/testkit", "<rootDir>/demo"],
  testMatch: ["**/*.test.ts"],
  // Ends what hangs. A busy machine takes ten times as long as an idle one, and no test is about time.
  testTimeout: 60_000,
  // Minutes long: `npm run test:faults` (jest.faults.config.js).
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/faults/"],
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { target: "es2023", parser: { syntax: "typescript" } },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
};
