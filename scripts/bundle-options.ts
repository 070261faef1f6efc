/** How everything that users run is bundled, the package and the action alike: esbuild's options. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // Names stay, and lines are short: a stack in a log still says where.
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120,
  // For those packages that are no ES modules.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  logLevel: "warning",
} as const;
