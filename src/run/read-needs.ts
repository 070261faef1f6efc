import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import * as z from "zod";
import type { Needs } from "../doctor/judge-settings.ts";

const Manifest = z.object({
  default_permissions: z.record(z.string(), z.string()),
  default_events: z.array(z.string()),
});

/** What app.yml, the manifest that comes with Sevgate, asks for. */
export function readNeeds(): Needs {
  const manifest = Manifest.parse(load(readFileSync(new URL("../../app.yml", import.meta.url), "utf8")));
  return { permissions: manifest.default_permissions, events: manifest.default_events };
}
