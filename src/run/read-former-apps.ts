import { ACTIONS_APP_ID, type FormerApp } from "../core/own.ts";

const APP = /^(?<id>[1-9]\d{0,14})(?::(?<slug>[a-z0-9](?:[a-z0-9-]{0,98}[a-z0-9])?))?$/i;
const MOST = 10;

/**
 * As which apps Sevgate ran before, as `APP_ID_PREVIOUS` has them: `15368, 12345:sevgate-acme`. The name after an id is the app's in
 * its address, and says whose issues are Sevgate's, too. A string: what is wrong with it, for people.
 */
export function readFormerApps(written: string): readonly FormerApp[] | string {
  const parts = written.split(",").map((part) => part.trim());
  const apps: FormerApp[] = [];
  for (const part of parts.filter((one) => one !== "")) {
    const { id, slug } = APP.exec(part)?.groups ?? {};
    if (id === undefined) {
      return "APP_ID_PREVIOUS is a list of app ids, each with the app's name behind it, e.g. 12345:sevgate-acme, 15368.";
    }
    const name = slug ?? (Number(id) === ACTIONS_APP_ID ? "github-actions" : null);
    apps.push({ appId: Number(id), botLogin: name === null ? null : `${name.toLowerCase()}[bot]` });
  }
  if (apps.length > MOST)
    return `APP_ID_PREVIOUS names ${apps.length} apps. Keep those with open incidents, at most ${MOST}.`;
  return apps;
}
