import * as z from "zod";
import { TerminalError } from "../base/errors.ts";
import { safeVersion } from "../systems/github/api-version.ts";

/** What GitHub gives in exchange for the code (GitHub docs, "Create a GitHub App from a manifest"). */
const Conversion = z.object({
  id: z.number().int().positive(),
  slug: z.string(),
  html_url: z.url({ protocol: /^https?$/ }),
  pem: z.string().startsWith("-----BEGIN"),
  // Only characters that need no quotes in an environment file; GitHub's secrets are hexadecimal.
  webhook_secret: z.string().regex(/^[\w.:/+=@~-]{20,}$/),
});
export type Conversion = z.infer<typeof Conversion>;

const LIMIT_MS = 15_000;

/**
 * Asks GitHub for the app's id and secrets, once.
 *
 * @param code as it came back; good for one hour and one use
 * @throws TerminalError with what to do, if there are none
 */
export async function convertCode(apiUrl: string, code: string): Promise<Conversion> {
  if (!/^[\w-]{1,200}$/.test(code)) throw new TerminalError("GitHub sent no code back. Run sevgate setup again.");
  let response: Response;
  try {
    response = await fetch(`${apiUrl}/app-manifests/${code}/conversions`, {
      method: "POST",
      headers: {
        accept: "application/vnd.github+json",
        "x-github-api-version": safeVersion(apiUrl),
        "user-agent": "sevgate",
      },
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch (error) {
    throw new TerminalError(
      "GitHub did not answer. The app may exist already: delete it in the developer settings, then run sevgate setup again.",
      { cause: error },
    );
  }
  if (!response.ok) {
    throw new TerminalError(
      `GitHub refused the code (status ${response.status}). A code is good for one hour and one use: delete the app in the developer settings if it is there, and run sevgate setup again.`,
      { status: response.status },
    );
  }
  const conversion = Conversion.safeParse(await response.json().catch(() => null));
  if (!conversion.success) {
    throw new TerminalError(
      "GitHub's answer lacks the app's secrets. Create the app by hand: docs/install/by-hand.md.",
    );
  }
  return conversion.data;
}
