import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { errorCode } from "../base/error-code.ts";
import { manifestPage } from "./setup-pages.ts";

export interface ElsewhereParts {
  /** Where the form goes on GitHub, without its `state`. */
  readonly action: string;
  /** All of it but `redirect_url`. */
  readonly manifest: object;
  /** The page is written there, and deleted at the end. */
  readonly pageFile: string;
  ask(question: string): Promise<string | null>;
  say(line: string): void;
}

/** Those that no service has of its own (RFC 6335, "Dynamic Ports"). */
const PORTS = [49_152, 65_536] as const;
const PASTE = "Paste that address here (empty to give up): ";

/**
 * Gets GitHub's code from a browser on another machine: a page of one file goes there, and the address that GitHub sends
 * the browser to comes back by copy and paste. `null`: it did not, and nothing was exchanged.
 *
 * That address is one of the other machine itself, at a port that was drawn just now: the browser cannot load it, so the
 * code, which is worth as much as the app's private key, stays in its address bar. It passes no server of ours, nor its
 * proxy's log, and whoever listens on that machine would have to know the port. Used once, it is worth nothing: if somebody
 * was faster, GitHub refuses it here, and the app is to be deleted.
 *
 * Only a whole address is taken, with the `state` of this page in it: a code that somebody else sends, of an app whose key
 * they have, is refused. The page shows that `state`, so it is readable by this user alone.
 *
 * @returns `not-written` if the page could not be written; then nobody was asked
 */
export async function askElsewhere(parts: ElsewhereParts): Promise<string | { readonly kind: "not-written" } | null> {
  const { action, manifest, pageFile, ask, say } = parts;
  const state = randomBytes(32).toString("base64url");
  const redirect = `http://127.0.0.1:${randomInt(...PORTS)}/callback`;
  const page = manifestPage(`${action}?state=${state}`, { ...manifest, redirect_url: redirect });
  try {
    await writeFile(pageFile, page, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (errorCode(error) === "") throw error;
    return { kind: "not-written" };
  }
  try {
    say(`1. Copy ${pageFile} to the machine with the browser, and open it there. Or paste this into the address bar:`);
    say("");
    say(`data:text/html;base64,${Buffer.from(page).toString("base64")}`);
    say("");
    say("2. Agree on GitHub. The browser then shows a page that it cannot load. That is as it should be.");
    say(`3. Its address begins with ${redirect}?code=`);
    for (;;) {
      const pasted = await ask(PASTE).catch((error: unknown) => {
        // Ctrl-C and Ctrl-D give up, as an empty line does.
        if (errorCode(error) !== "ABORT_ERR") throw error;
        say("");
        return null;
      });
      if (pasted === null || pasted.trim() === "") return null;
      const read = readPasted(pasted, state);
      if (read.kind === "code") return read.code;
      say(read.why);
    }
  } finally {
    await rm(pageFile, { force: true });
  }
}

/** The code of a pasted address. A terminal may have broken it into lines. */
function readPasted(
  pasted: string,
  state: string,
): { readonly kind: "code"; readonly code: string } | { readonly kind: "wrong"; readonly why: string } {
  const text = pasted.replaceAll(/\s/g, "");
  const asked = new URLSearchParams(text.includes("?") ? text.slice(text.indexOf("?") + 1).split("#")[0] : "");
  const [code, told] = [asked.get("code"), asked.get("state")];
  if (code === null || told === null) {
    return {
      kind: "wrong",
      why: "That is not the whole address: it has code= and state= in it. Click into the address bar, and copy all of it.",
    };
  }
  if (!isSameSecret(told, state)) {
    return {
      kind: "wrong",
      why: "That address belongs to another set-up. Open the page of this one, and begin there.",
    };
  }
  return { kind: "code", code };
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
