import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Metafile } from "esbuild";
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

  it("names the author and the license of what brings no text", () => {
    const text = licensesText(bundledPackages(root, [packageWith("MIT", null)]));
    expect(text).toContain("Copyright Ada <a@b.example>. It brings no text of its license");
    expect(text).toContain("https://spdx.org/licenses/MIT.html");
  });
});
