import type { IncomingHttpHeaders } from "node:http";
import { type Answer, json, parseJson } from "../../base/answer.ts";
import { type AcceptAlertParts, createAcceptAlert } from "./accept-alert.ts";
import type { AlertEndpoint } from "./alert-endpoints.ts";
import { proveAlert } from "./prove-alert.ts";

/** The largest alert, in bytes; PagerDuty's Events API accepts as much. */
export const MAX_ALERT_BYTES = 512 * 1024;

export interface AlertIntakeParts extends AcceptAlertParts {
  readonly endpoints: readonly AlertEndpoint[];
}

/** An open way in, as far as can be told without the body. */
export interface AlertDoor {
  accept(body: Buffer): Promise<Answer>;
  /** Counts a delivery that was not accepted. */
  readonly refuse: () => void;
  /** The secret itself was sent, in a header or in the URL; not a signature made with it. */
  readonly isSecretShown: boolean;
}

/** Alerts from outside: one delivery in, what it says made durable, `202` out. */
export interface AlertIntake {
  /** Whether this path is one of ours. */
  isAt(path: string): boolean;
  /** Judges what can be judged without the body. */
  knock(path: string, headers: IncomingHttpHeaders): Answer | AlertDoor;
}

const ADDRESS = /^\/alerts\/([a-z-]{1,32})\/([a-z0-9-]{1,32})(?:\/([^/]{1,256}))?\/?$/;

/**
 * Makes the way in for alerts (docs/alerts.md). Nothing in a delivery is logged, kept or believed before its secret has
 * been checked; a source can only speak about its own alerts, whatever the payload says.
 */
export function createAlertIntake(parts: AlertIntakeParts): AlertIntake {
  const { endpoints, clock, metrics } = parts;
  const accept = createAcceptAlert(parts);

  return {
    isAt: (path) => ADDRESS.test(path),
    knock(path, headers) {
      const [, source, name, token] = ADDRESS.exec(path) ?? [];
      const endpoint = endpoints.find((one) => one.source === source && one.name === name);
      const proof = endpoint === undefined ? null : proveAlert(endpoint, headers, decode(token), clock.now());
      if (endpoint === undefined || proof === null || proof.kind === "refused") return refusal(endpoint);
      return {
        async accept(body) {
          if (proof.kind === "by-body" && !proof.check(body)) return refusal(endpoint);
          return (await accept(endpoint, parseJson(body))).answer;
        },
        isSecretShown: proof.kind === "proved",
        refuse: () => metrics.countAlert(endpoint.source, "refused"),
      };
    },
  };

  /** The same whether the endpoint or the secret is wrong: nobody learns which endpoints exist. */
  function refusal(endpoint: AlertEndpoint | undefined): Answer {
    metrics.countAlert(endpoint?.source ?? null, "refused");
    return json(401, "The secret of this endpoint is missing or wrong. docs/alerts.md says where to put it.");
  }
}

function decode(token: string | undefined): string | null {
  if (token === undefined) return null;
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
