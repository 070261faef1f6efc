import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { cpus } from "node:os";
import { basename, dirname } from "node:path";
import { parseArgs } from "node:util";
import { measureCore } from "./measure-core.ts";
import { measureDepth } from "./measure-depth.ts";
import { measureFairness } from "./measure-fairness.ts";
import { measureGrowth } from "./measure-growth.ts";
import { measureIntake } from "./measure-intake.ts";
import { measureLabelToStatus } from "./measure-label-to-status.ts";
import { measureBurst, measureLoad } from "./measure-load.ts";
import { measureOnCall } from "./measure-on-call.ts";
import { measureReplicas } from "./measure-replicas.ts";
import { measureScale } from "./measure-scale.ts";
import { measureStart } from "./measure-start.ts";
import { measureStore } from "./measure-store.ts";
import { measureSweep } from "./measure-sweep.ts";
import { createSetting, HTTP, PROBOT, type Setting } from "./setting.ts";

/**
 * `npm run bench [-- part …] [--quick]`: what Sevgate costs, as ratios to what it is built on, measured in one run on
 * one machine. Absolute numbers only apply to that machine. Uses only loopback; ends by itself.
 */
const PARTS: Readonly<Record<string, (setting: Setting) => void | Promise<void>>> = {
  start: measureStart,
  intake: measureIntake,
  core: measureCore,
  oncall: measureOnCall,
  label: measureLabelToStatus,
  fairness: measureFairness,
  burst: measureBurst,
  depth: measureDepth,
  growth: measureGrowth,
  store: measureStore,
  replicas: measureReplicas,
  load: measureLoad,
  sweep: measureSweep,
  scale: measureScale,
};
/**
 * What runs when no parts are named: those that take minutes. `load` alone takes more than ten, `depth` makes 100,000
 * keys.
 */
const USUAL = ["start", "intake", "core", "oncall", "label", "fairness"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => PARTS[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(", ")}. The parts are: ${Object.keys(PARTS).join(", ")}.`);
  process.exit(2);
}

console.log(`${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.version}\n`);
execFileSync("npm", ["run", "--silent", "build"], { stdio: "inherit" });
for (const [file = ""] of [PROBOT, HTTP]) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, stripTypeScriptTypes(readFileSync(`bench/servers/${basename(file, ".js")}.ts`, "utf8")));
}
const setting = createSetting(options.quick);
for (const name of positionals.length > 0 ? positionals : USUAL) await PARTS[name]?.(setting);
