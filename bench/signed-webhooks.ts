import { createHmac } from "node:crypto";
import { createRequire } from "node:module";

/** A webhook as GitHub would send it. */
export interface SignedWebhook {
  readonly method: "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const WEBHOOK_SECRET = "a-webhook-secret-for-the-benchmark";

interface Example {
  readonly action: string;
  readonly installation?: { readonly id: number };
  readonly repository: { readonly id: number; readonly name: string; readonly full_name: string };
  readonly issue: { readonly number: number; readonly labels: readonly { readonly name: string }[] };
  readonly sender: { readonly login: string };
}

let found: Example | undefined;
let deliveries = 0;

/** GitHub's own example of a new comment, about 14 kB (@octokit/webhooks-examples). */
function commentCreated(): Example {
  if (found !== undefined) return found;
  const definitions = createRequire(import.meta.url)("@octokit/webhooks-examples") as readonly {
    readonly name: string;
    readonly examples: readonly Example[];
  }[];
  const example = definitions
    .find((definition) => definition.name === "issue_comment")
    ?.examples.find((one) => one.action === "created" && one.installation !== undefined);
  if (example === undefined) throw new Error("@octokit/webhooks-examples has no new comment with an installation");
  found = example;
  return example;
}

/** Where a new comment is, and which label its issue has; `null`: none, so that Sevgate has nothing to do. */
export interface CommentPlace {
  readonly installationId?: number;
  readonly repositoryId?: number;
  /** `owner/name` */
  readonly repository?: string;
  readonly number: number;
  readonly label: string | null;
}

/** New comments on `issues` different issues, in turn, all with this label. */
export function signedComments(issues: number, label: string | null): readonly SignedWebhook[] {
  return Array.from({ length: issues }, (_, at) => signedComment({ number: at + 1, label }));
}

/** A new comment on this issue. */
export function signedComment(place: CommentPlace): SignedWebhook {
  const example = commentCreated();
  const labels = place.label === null ? [] : example.issue.labels.map((one) => ({ ...one, name: place.label }));
  const name = place.repository ?? example.repository.full_name;
  const body = JSON.stringify({
    ...example,
    installation: { ...example.installation, id: place.installationId ?? example.installation?.id },
    repository: {
      ...example.repository,
      id: place.repositoryId ?? example.repository.id,
      name: name.split("/")[1],
      full_name: name,
    },
    issue: { ...example.issue, number: place.number, labels },
  });
  const signature = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
  deliveries += 1;
  return {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "issue_comment",
      "x-github-delivery": `00000000-0000-4000-8000-${String(deliveries).padStart(12, "0")}`,
      "x-hub-signature-256": `sha256=${signature}`,
    },
    body,
  };
}

/** Any webhook, for finding out whether a server accepts them. */
export const FIRST: SignedWebhook = signedComment({ number: 1, label: null });
