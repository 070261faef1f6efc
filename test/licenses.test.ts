import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Metafile } from "esbuild";
import { billOfMaterials } from "../scripts/bill-of-materials.ts";
import { bundledPackages, licensesText } from "../scripts/third-party-licenses.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sevgate-licenses-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A package in `node_modules/`, of which something is built in. */
function packageWith(license: unknown, text: string | null, name = "left-over"): Metafile {
  const folder = join(root, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name, version: "1.2.3", license, author: "Ada <a@b.example>" }),
  );
  if (text !== null) writeFileSync(join(folder, "LICENSE.md"), text);
  const inputs = { [`node_modules/${name}/index.js`]: { bytesInOutput: 7 }, "src/app.ts": { bytesInOutput: 9 } };
  const unused = { "node_modules/not-there/index.js": { bytesInOutput: 0 } };
  const output = { bytes: 16, inputs: { ...inputs, ...unused }, imports: [], exports: [] };
  return { inputs: {}, outputs: { "dist/app.js": output } };
}

describe("The build", () => {
  it.each([["GPL-3.0-only"], ["SEE LICENSE IN LICENSE.md"], ["(AGPL-3.0 OR SSPL-1.0)"], [undefined]])(
    "refuses to build in what has no license that allows it: %s",
    (license) => {
      const metafile = packageWith(license, "All rights reserved");
      expect(() => bundledPackages(root, [metafile])).toThrow(/may hand on.*left-over/);
    },
  );

  it.each([["MIT"], ["(GPL-2.0 OR MIT)"], [{ type: "ISC" }]])(
    "takes a license that allows it, or a choice with one: %j",
    (license) => {
      const packages = bundledPackages(root, [packageWith(license, "Do what you like.")]);
      expect(licensesText(packages)).toMatch(/\nleft-over 1\.2\.3, [\s\S]*\n\nDo what you like\.\n/);
    },
  );

  it("gives the text of its license to what brings none, with the author", () => {
    const text = licensesText(bundledPackages(root, [packageWith("MIT", null)]));
    expect(text).toContain("Copyright Ada <a@b.example>. It brings no text of its license");
    expect(text).toContain("The above copyright notice and this permission notice shall be included in all copies");
  });

  it("refuses what brings no text of its license when we have none either", () => {
    const packages = bundledPackages(root, [packageWith("BlueOak-1.0.0", null)]);
    expect(() => licensesText(packages)).toThrow("left-over brings no text of its license");
  });

  it("counts what is put in as a text as well, which esbuild does not name", () => {
    packageWith("MIT", "Sheets", "style-sheet");
    const none = { inputs: {}, outputs: {} };
    const packages = bundledPackages(root, [none], ["node_modules/style-sheet/look.css", "demo/page/own.css"]);
    expect(packages.map(({ name }) => name)).toEqual(["style-sheet"]);
  });

  it("lists for machines what is inside, the same for the same packages", () => {
    const own = { name: "sevgate", version: "0.1.0", license: "MIT" };
    const packages = bundledPackages(root, [
      packageWith("(GPL-2.0 OR MIT)", "Either", "@acme/choice"),
      packageWith("ISC", null),
    ]);
    const bill = billOfMaterials(own, packages);
    expect(JSON.parse(bill)).toEqual({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: expect.stringMatching(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/),
      version: 1,
      metadata: { component: expect.objectContaining({ name: "sevgate", purl: "pkg:npm/sevgate@0.1.0" }) },
      components: [
        expect.objectContaining({
          purl: "pkg:npm/%40acme/choice@1.2.3",
          licenses: [{ expression: "(GPL-2.0 OR MIT)" }],
        }),
        expect.objectContaining({ purl: "pkg:npm/left-over@1.2.3", licenses: [{ license: { id: "ISC" } }] }),
      ],
      dependencies: [
        { ref: "pkg:npm/sevgate@0.1.0", dependsOn: ["pkg:npm/%40acme/choice@1.2.3", "pkg:npm/left-over@1.2.3"] },
        { ref: "pkg:npm/%40acme/choice@1.2.3" },
        { ref: "pkg:npm/left-over@1.2.3" },
      ],
    });
    expect(billOfMaterials(own, packages)).toBe(bill);
    expect(JSON.parse(billOfMaterials(own, [])).serialNumber).not.toBe(JSON.parse(bill).serialNumber);
  });
});
