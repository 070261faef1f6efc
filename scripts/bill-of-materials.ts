import { createHash } from "node:crypto";
import type { BundledPackage } from "./third-party-licenses.ts";

/** Ours, as package.json names it. */
interface Own {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * What was built into ours, for machines: CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/). `npm sbom` goes by package.json:
 * what the demo brings is not in it, nor what a tool for tests stands on as well. The same packages make the same text.
 */
export function billOfMaterials(own: Own, packages: readonly BundledPackage[]): string {
  const component = { type: "application", ...described(own) };
  const components = packages.map((one) => ({ type: "library", ...described(one) }));
  const parts = components.map((one) => one["bom-ref"]);
  const said = {
    version: 1,
    metadata: { component },
    components,
    dependencies: [{ ref: component["bom-ref"], dependsOn: parts }, ...parts.map((ref) => ({ ref }))],
  };
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialNumber(JSON.stringify(said)),
    ...said,
  };
  return `${JSON.stringify(bill, null, 1)}\n`;
}

function described({ name, version, license }: Own) {
  // https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const licenses = [license.includes(" ") ? { expression: license } : { license: { id: license } }];
  return { "bom-ref": purl, name, version, purl, licenses };
}

/** A UUID of the text (RFC 9562, version 8): actions/attest takes no bill without one. */
function serialNumber(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return `urn:uuid:${bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
}
