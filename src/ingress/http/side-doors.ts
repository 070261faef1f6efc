import type { IncomingMessage } from "node:http";
import type { Logger } from "pino";
import { type Answer, json, unavailable } from "../../base/answer.ts";
import { TransientError } from "../../base/errors.ts";
import { withDeadline } from "../../base/with-deadline.ts";
import { type AlertIntake, MAX_ALERT_BYTES } from "../alerts/alert-intake.ts";
import { type BodyReader, bodyRefusal } from "./body-reader.ts";
import { headerOf } from "./header-of.ts";

/** Takes a request that comes in another way, as bytes. Rejects with `TransientError` when it cannot be kept. */
export type OtherWay = (request: {
  header(name: string): string | undefined;
  readonly body: Buffer;
}) => Promise<{ readonly status: number; readonly body: string }>;

export interface SideDoorParts {
  /** The way in for alerts from other systems; left out: there is none. */
  readonly alerts?: AlertIntake;
  /** Other ways in, by path, for POST: each verifies the bytes for itself, and answers within 3 s. */
  readonly otherWays?: ReadonlyMap<string, OtherWay>;
  readonly bodies: BodyReader;
  readonly log: Logger;
  /** Whether the server in front logs headers and URLs: then they may not contain a secret. */
  readonly isLogged: boolean;
}

/** What other systems send is small. */
const OTHER_BODY_BYTES = 1024 * 1024;
/** Slack waits 3 s. */
const OTHER_WAY_MS = 2_500;

/**
 * Makes the ways in besides GitHub's webhooks: alerts and Slack, as bytes, verified before they are read. `null` for a
 * request that is not for any of them.
 */
export function createSideDoors(parts: SideDoorParts): (request: IncomingMessage) => Promise<Answer> | null {
  const { alerts, otherWays, bodies, log, isLogged } = parts;

  async function handleAlert(request: IncomingMessage, path: string, intake: AlertIntake): Promise<Answer> {
    const door = intake.knock(path, request.headers);
    if ("status" in door) return door;
    if (isLogged && door.isSecretShown) {
      door.refuse();
      return json(
        401,
        "The secret is right, and by now it stands in the log of the server: run sevgate start, and change it.",
      );
    }
    const body = await bodies.read(request, MAX_ALERT_BYTES);
    if (typeof body !== "string") return await door.accept(body);
    door.refuse();
    return bodyRefusal(body, MAX_ALERT_BYTES);
  }

  async function handleOther(request: IncomingMessage, other: OtherWay): Promise<Answer> {
    const body = await bodies.read(request, OTHER_BODY_BYTES);
    if (typeof body === "string") return bodyRefusal(body, OTHER_BODY_BYTES);
    try {
      const asked = other({ header: (name) => headerOf(request, name), body });
      return await withDeadline(OTHER_WAY_MS, "keeping a request", asked);
    } catch (error) {
      log[error instanceof TransientError ? "warn" : "error"]({ err: error }, "a request could not be kept");
      return unavailable("Sevgate cannot store the request now. Please try again.");
    }
  }

  return (request) => {
    if (request.method !== "POST") return null;
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    if (alerts?.isAt(path)) return handleAlert(request, path, alerts);
    const other = otherWays?.get(path);
    return other === undefined ? null : handleOther(request, other);
  };
}
