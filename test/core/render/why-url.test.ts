import { expect, it } from "@jest/globals";
import type { PolicyInForce } from "../../../src/core/observation.ts";
import { defaultPolicy } from "../../../src/core/policy/default-policy.ts";
import { whyUrl } from "../../../src/core/render/why-url.ts";
import { documentUrl } from "../../../src/core/words/documents.ts";

const ISSUE = "https://github.com/acme/ops/issues/7";
const inForce = (fields: Partial<PolicyInForce>): PolicyInForce => ({
  policy: defaultPolicy(),
  source: ".github/sevgate.yml",
  requiresLines: new Map([["P0", 7]]),
  trouble: null,
  ...fields,
});

it.each<[name: string, policy: PolicyInForce, severity: string, url: string]>([
  [
    "the line of the repository's file",
    inForce({}),
    "P0",
    "https://github.com/acme/ops/blob/HEAD/.github/sevgate.yml#L7",
  ],
  [
    "the line of the owner's file",
    inForce({ source: "acme/.github/.github/sevgate.yml" }),
    "P0",
    "https://github.com/acme/.github/blob/HEAD/.github/sevgate.yml#L7",
  ],
  [
    "the page about policies where the built-in policy is in force",
    inForce({ source: null }),
    "P0",
    documentUrl("policy"),
  ],
  ["the page where the file does not name the severity", inForce({}), "P9", documentUrl("policy")],
  [
    "the page while an earlier file is in force",
    inForce({ trouble: { kind: "unreachable" } }),
    "P0",
    documentUrl("policy"),
  ],
])("Why leads to %s", (_, policy, severity, url) => {
  expect(whyUrl(policy, severity, ISSUE)).toBe(url);
});
