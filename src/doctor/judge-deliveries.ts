import type { Instant, Millis } from "../core/model.ts";
import { failedForGood } from "../ingress/sweep/sweep.ts";
import type { DeliveryAnswer, DeliveryFacts } from "../systems/github/ports.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";
import { sinceWords } from "./since-words.ts";

/** What GitHub knows of how its webhooks fared, besides whether they did. */
export interface DeliveryParts {
  /** Newest first, of the last three days; `untold`: the server does not say. */
  readonly answers: readonly DeliveryAnswer[] | "untold";
  /** Where they go; `null`: not known. */
  readonly url: string | null;
}

const CHECK = "deliveries";
const RUNBOOK = "See runbooks/webhooks-not-arriving.md.";
const NOTHING: DeliveryParts = { answers: "untold", url: null };

/** @param deliveries of the last 24 hours, newest first */
export function judgeDeliveries(
  deliveries: readonly DeliveryFacts[] | "unsupported",
  now: Instant,
  parts: DeliveryParts = NOTHING,
): Finding {
  if (deliveries === "unsupported") return ok(CHECK, "this server does not say");
  const [last] = deliveries;
  if (last === undefined) return judgeSilence(parts);
  const ago = `the last one ${sinceWords((now - last.deliveredAt) as Millis)} ago`;
  const lost = failedForGood(deliveries).length;
  if (!last.ok) {
    const { says, remedy } = causeOf(parts);
    const all = deliveries.every(({ ok: arrived }) => !arrived)
      ? `not one of ${deliveries.length} in 24 hours arrived, ${ago}`
      : `${ago} failed, ${lost} in 24 hours never arrived`;
    return failed(CHECK, `${all}${says === "" ? "" : `: ${says}`}`, `${remedy} ${RUNBOOK}`.trim());
  }
  if (lost > 0) return warning(CHECK, `${ago} arrived, ${lost} in 24 hours did not yet`, RUNBOOK);
  return ok(CHECK, `${ago} arrived, as did all of the last 24 hours`);
}

function judgeSilence({ answers }: DeliveryParts): Finding {
  if (answers !== "untold" && answers.length === 0) {
    const remedy = `Install the app, tick Active under Webhook in its settings, and label an issue to see one arrive. ${RUNBOOK}`;
    return warning(CHECK, "no webhook has been sent for three days, which is as long as GitHub remembers", remedy);
  }
  return warning(CHECK, "none in 24 hours", `Label an issue to see one arrive. ${RUNBOOK}`);
}

interface Cause {
  readonly says: string;
  readonly remedy: string;
}

/** Why the newest one that failed did, as far as the answer to it says. */
function causeOf({ answers, url }: DeliveryParts): Cause {
  const last = answers === "untold" ? undefined : answers.find(({ statusCode }) => !isFine(statusCode));
  if (last === undefined) return { says: "", remedy: "" };
  const health = `curl -i ${url === null || !URL.canParse(url) ? "https://YOUR-SERVER" : new URL(url).origin}/healthz`;
  const { statusCode, said } = last;
  // GitHub gives these a status as well, such as 502.
  if (statusCode === null || /connect|timed? ?out|resolve|certificate|ssl|tls|unreachable/i.test(said)) {
    return {
      says: `nothing answers there (${said === "" ? "no connection" : said})`,
      remedy: `From a machine outside, try ${health}: a name, a firewall, a certificate or a proxy is in the way.`,
    };
  }
  if (statusCode >= 300 && statusCode < 400) {
    return {
      says: `the address leads elsewhere (${statusCode}), where GitHub does not follow`,
      remedy: "Set the address it leads to in the app's settings, under Webhook.",
    };
  }
  return CAUSES[statusCode]?.(health) ?? { says: `the answer was ${statusCode}`, remedy: "" };
}

function isFine(statusCode: number | null): boolean {
  return statusCode !== null && statusCode >= 200 && statusCode < 300;
}

const SECRET: Cause = {
  says: "the server refused the signature (401): the secrets differ",
  remedy:
    "Write one secret into both, and restart: WEBHOOK_SECRET here, and Secret under Webhook in the app's settings (`openssl rand -hex 32` makes a good one).",
};
const BEHIND = (health: string): Cause => ({
  says: "a proxy answers, and no server behind it",
  remedy: `Start the server, and let the proxy reach it: ${health}.`,
});

/** By the answer's status; the runbook has the same table. */
const CAUSES: Readonly<Record<number, (health: string) => Cause>> = {
  401: () => SECRET,
  403: () => ({ says: "something in front of the server refused it (403)", remedy: "Let GitHub's addresses through." }),
  404: () => ({
    says: "nothing is at that path (404)",
    remedy:
      "The address ends in /api/github/webhooks: correct it in the app's settings, under Webhook, and see that the proxy passes the whole path on.",
  }),
  413: () => ({
    says: "a proxy found it too long (413)",
    remedy: "Raise the proxy's limit to 25 MB (nginx: client_max_body_size 25m).",
  }),
  415: () => ({
    says: "it was sent as a form (415)",
    remedy: "Choose application/json in the app's settings, under Webhook.",
  }),
  502: BEHIND,
  503: () => ({ says: "the server could not store it (503)", remedy: "See runbooks/queue-stuck.md." }),
  504: BEHIND,
};
