import { setTimeout as pause } from "node:timers/promises";
import { type SignedWebhook, signedComment } from "./signed-webhooks.ts";
import type { ServerProcess } from "./start-server.ts";

/** An issue of bench/servers/incident-github.ts. */
export interface BenchIssue {
  readonly installationId: number;
  readonly repositoryId: number;
  /** `owner/name` */
  readonly repository: string;
  /** From 10,000 up, an ordinary issue: a pass over it looks, but writes nothing. */
  readonly number: number;
}

const SEVERITY_LABELS = ["sev:P0", "sev:P1", "sev:P2"];
const ORDINARY = 10_000;

export function issueOf(installationId: number, repositoryOfIt: number, number: number): BenchIssue {
  const repositoryId = installationId * 1_000 + repositoryOfIt;
  return { installationId, repositoryId, repository: `acme-${installationId}/shop-${repositoryOfIt}`, number };
}

export function nameOf({ repository, number }: BenchIssue): string {
  return `${repository}#${number}`;
}

/** Incidents of all severities, spread over installations with five repositories each. */
export function incidents(count: number, installations: number): readonly BenchIssue[] {
  return Array.from({ length: count }, (_, at) => {
    const perInstallation = Math.floor(at / installations);
    return issueOf((at % installations) + 1, (perInstallation % 5) + 1, Math.floor(perInstallation / 5) + 1);
  });
}

/** Issues that were thought to be incidents but are not. */
export function ordinaryIssues(count: number, installationId: number, repositoryOfIt: number): readonly BenchIssue[] {
  return Array.from({ length: count }, (_, at) => issueOf(installationId, repositoryOfIt, ORDINARY + at));
}

/** A comment on the issue, with the issue's own label, or this one. */
export function commentOn(issue: BenchIssue, label = SEVERITY_LABELS[issue.number % 3] ?? ""): SignedWebhook {
  return signedComment({ ...issue, label });
}

/** When an issue was last read, and when it first had a comment: ms since 1970. */
export interface Seen {
  readonly readAt: number;
  readonly commentedAt: number | null;
}

/** What GitHub was asked about, by issue name. */
export async function seenBy(github: ServerProcess): Promise<ReadonlyMap<string, Seen>> {
  const answer = (await (await fetch(`${github.url}/bench/seen`)).json()) as Record<string, [number, number | null]>;
  return new Map(Object.entries(answer).map(([name, [readAt, commentedAt]]) => [name, { readAt, commentedAt }]));
}

/** Asks until `found` returns something. */
export async function until<T>(what: string, limitMs: number, found: () => Promise<T | null>): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const value = await found();
    if (value !== null) return value;
    if (performance.now() - startedAt > limitMs) throw new Error(`${what}: not within ${limitMs / 1_000} s`);
    await pause(50);
  }
}
