import * as z from "zod";
import { errorCode } from "../../base/error-code.ts";
import { ALERT_SOURCES, type InboundSource } from "../../core/alerts/alert-change.ts";
import { concernsUs, type WebhookEvent } from "../../ingress/webhooks/hints.ts";
import { type ActionSettings, OWN_INSTALLATION } from "./action-settings.ts";

/** What a run is to do. */
export type RunEvent =
  /** Somebody did something on GitHub. */
  | { readonly kind: "webhook"; readonly event: WebhookEvent; readonly isPrivate: boolean | null }
  /** It is time to look at what is open. `isAsked`: somebody wants all of it looked at. */
  | { readonly kind: "sweep"; readonly isAsked: boolean }
  /** Another system reports something. */
  | { readonly kind: "alert"; readonly source: InboundSource; readonly endpoint: string; readonly payload: unknown }
  | { readonly kind: "nothing" }
  /** In words for people: what is wrong, and the remedy. */
  | { readonly kind: "refused"; readonly why: string };

/** The file that holds an event, as the machine has it. Both throw as `node:fs` does. */
export interface EventFiles {
  size(path: string): number;
  read(path: string): string;
}

/** GitHub sends payloads of up to 25 MB (GitHub docs, "Webhook events and payloads"). */
const MOST_BYTES = 26 * 1_048_576;

const OfRepository = z.object({ repository: z.object({ id: z.number(), private: z.boolean().nullish() }) });
const Dispatch = z.object({
  client_payload: z.object({
    source: z.enum(ALERT_SOURCES),
    endpoint: z.string().min(1).max(32),
    payload: z.unknown(),
  }),
});

const SWEEPS: ReadonlySet<string> = new Set(["schedule", "workflow_dispatch"]);

/**
 * Reads the event that started the run. Never throws, whatever the file holds.
 *
 * A pull request may change the workflow that `pull_request` runs, and one of a fork gets no secrets and a token that only reads:
 * only `pull_request_target` is taken, whose workflow is that of the default branch (GitHub docs, "Events that trigger workflows").
 */
export function readEvent(settings: ActionSettings, files: EventFiles): RunEvent {
  const { eventName, eventPath, repository } = settings;
  if (eventName === "pull_request") {
    return refused(
      "The event pull_request is not for Sevgate: a pull request could change its workflow. Use pull_request_target.",
    );
  }
  if (SWEEPS.has(eventName)) return { kind: "sweep", isAsked: eventName === "workflow_dispatch" };
  const name = eventName === "pull_request_target" ? "pull_request" : eventName;
  if (name !== "repository_dispatch" && !concernsUs(name)) return { kind: "nothing" };
  const payload = readPayload(eventPath, files);
  if ("why" in payload) return refused(payload.why);
  const of = OfRepository.safeParse(payload.told).data?.repository;
  if (of?.id !== repository.id) return refused("The event is one of another repository than this run's.");
  if (name === "repository_dispatch") return readAlert(payload.told);
  // Whatever it says of an installation, a run has one of its own.
  const told = { ...(payload.told as Readonly<Record<string, unknown>>), installation: { id: OWN_INSTALLATION } };
  return { kind: "webhook", event: { name, payload: told }, isPrivate: of.private ?? null };
}

function readPayload(path: string, files: EventFiles): { readonly told: unknown } | { readonly why: string } {
  try {
    if (files.size(path) > MOST_BYTES) return { why: "The event file is larger than any that GitHub sends." };
    return { told: JSON.parse(files.read(path)) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { why: "The event file is not JSON." };
    return { why: `The event file that GITHUB_EVENT_PATH names cannot be read (${errorCode(error) || "unreadable"}).` };
  }
}

/** Whoever may dispatch has write access to the repository: that is the proof, and no secret is needed. */
function readAlert(told: unknown): RunEvent {
  const read = Dispatch.safeParse(told);
  if (!read.success) {
    return refused(
      `The client_payload of a repository_dispatch holds source (${ALERT_SOURCES.join(", ")}), endpoint (a name of the policy) and payload.`,
    );
  }
  const { source, endpoint, payload } = read.data.client_payload;
  return { kind: "alert", source, endpoint, payload: typeof payload === "string" ? parsed(payload) : payload };
}

/** A payload of more than ten keys may travel as text: the limit counts the keys at the top only. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function refused(why: string): RunEvent {
  return { kind: "refused", why };
}
