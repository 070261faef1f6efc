import type { PolicyInForce } from "../observation.ts";
import { documentUrl } from "../words/documents.ts";
import { encodeSegment } from "../words/links.ts";

/**
 * Where it says what an incident of this severity needs before it can close: the line of the policy file on its default
 * branch, else the page about policies. An earlier policy that is still in force has other lines than the file.
 */
export function whyUrl({ source, requiresLines, trouble }: PolicyInForce, severity: string, issueUrl: string): string {
  const line = requiresLines.get(severity);
  if (source === null || line === undefined || trouble !== null) return documentUrl("policy");
  const { origin, pathname } = new URL(issueUrl);
  const here = pathname.split("/").slice(1, 3).join("/");
  // The repository's own file is named by its path, its owner's by repository and path.
  const [, repository = here, path = source] = /^([^/]+\/\.github)\/(\.github\/.+)$/.exec(source) ?? [];
  const file = `${repository}/blob/HEAD/${path}`.split("/").map(encodeSegment).join("/");
  return `${origin}/${file}#L${line}`;
}
