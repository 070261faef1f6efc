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
  readonly issue: { readonly number: number; readonly labels: readonly { readonly name: string }[] };
  readonly sender: { readonly login: string };
}

/** GitHub's own example of a new comment, about 14 kB (@octokit/webhooks-examples). */
function commentCreated(): Example {
  const definitions = createRequire(import.meta.url)("@octokit/webhooks-examples") as readonly {
    readonly name: string;
    readonly examples: readonly Example[];
  }[];
  const example = definitions
    .find((definition) => definition.name === "issue_comment")
    ?.examples.find((one) => one.action === "created" && one.installation !== undefined);
  if (example === undefined) throw new Error("@octokit/webhooks-examples has no new comment with an installation");
  return example;
}

/**
 * New comments on `issues` different issues, in turn.
 *
 * @param label the label all of them carry; `null`: none, so that Sevgate has nothing to do
 */
export function signedComments(issues: number, label: string | null): readonly SignedWebhook[] {
  const example = commentCreated();
  const labels = label === null ? [] : example.issue.labels.map((one) => ({ ...one, name: label }));
  return Array.from({ length: issues }, (_, at) => {
    const body = JSON.stringify({ ...example, issue: { ...example.issue, number: at + 1, labels } });
    const signature = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
    return {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-github-event": "issue_comment",
        "x-github-delivery": `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
        "x-hub-signature-256": `sha256=${signature}`,
      },
      body,
    };
  });
}
