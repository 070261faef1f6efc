import config from "./jest.config.js";

/** The long fault tests: `npm run test:faults`. A part of each runs with `npm test` (test/stories/faults.test.ts). */
export default {
  ...config,
  roots: ["<rootDir>/test/faults"],
  testPathIgnorePatterns: ["/node_modules/"],
  maxWorkers: 2,
};
