import { markerOf } from "./markers.ts";

/** What the id of a storm in a key begins with; never that of an alert, which is hexadecimal. */
export const STORM_PREFIX = "storm:";

/** Whether the body of an issue of ours is that of a storm. In anybody else's issue it is just text. */
export function isStormBody(body: string): boolean {
  const [beginning = ""] = markerOf(`alert:${STORM_PREFIX}`).split(" -->");
  return body.startsWith(beginning);
}
