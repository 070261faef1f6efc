import { codeSpan } from "../markdown/escape.ts";
import type { HeadFile } from "../merge/merge-observation.ts";
import type { CheckAnnotation, CheckRunContent, Repository } from "../model.ts";
import { defaultPolicy } from "../policy/default-policy.ts";
import { policyChanges } from "../policy/describe-change.ts";
import { fenced, MOST_ANNOTATIONS, paragraphs } from "../policy/fenced.ts";
import { isOwnersRepository } from "../policy/owners-repository.ts";
import { formatProblem, type OwnerPolicy, type PolicyProblem, parsePolicy } from "../policy/parse.ts";
import type { Policy } from "../policy/policy.ts";

export interface PolicyCheckInput {
  readonly headSha: string;
  readonly pullRequest: number;
  /** The policy file's, from the root of the repository. */
  readonly path: string;
  /** The policy in force. Pull requests are judged by it, including those that change it. */
  readonly base: Policy;
  readonly head: HeadFile;
  /** What the policy at the head builds on; `null`: nothing. */
  readonly owner: OwnerPolicy | null;
  readonly repository: Pick<Repository, "owner" | "name">;
  /** Whether a ruleset of the default branch requires the check `sevgate/close-gate`. */
  readonly isGateRequired: boolean;
}

/**
 * The check `sevgate/policy` for a pull request that touches the policy file.
 *
 * It fails for a broken policy and succeeds for a valid one, even one that relaxes the gate: it says so, and people
 * decide. What could not be read stays in progress: unknown is neither.
 */
export function policyCheck(input: PolicyCheckInput): CheckRunContent {
  const { head, path } = input;
  if (head.kind === "unreadable") {
    return content(input, {
      status: "in_progress",
      conclusion: null,
      title: "The policy could not be read yet",
      summary: paragraphs(
        "GitHub did not give Sevgate the policy file of this pull request:",
        fenced(head.why),
        "Sevgate tries again by itself. If this stays, push again.",
      ),
    });
  }
  if (head.kind === "missing") {
    return content(input, {
      title: "The policy file is removed",
      summary: paragraphs(
        `After the merge there is no policy file here. The one of the owner's \`.github\` repository is used, or, ` +
          "where there is none, the built-in default.",
        `Compared with the built-in default: ${changeSummary(input.base, defaultPolicy())}`,
      ),
    });
  }
  const parsed = parsePolicy(head.text, input.owner ?? undefined);
  if (parsed.kind === "valid") {
    const { check } = parsed.policy["pull-requests"];
    if (input.isGateRequired && check !== "always") return neverJudged(input, head.text, check);
    const relaxes = policyChanges(input.base, parsed.policy).some(
      ({ effect }) => effect === "relaxes" || effect === "both",
    );
    return content(input, {
      title: relaxes ? "The policy is valid and relaxes the gate" : "The policy is valid",
      summary: paragraphs(...builtOn(input), changeSummary(input.base, parsed.policy)),
    });
  }

  const { problems } = parsed;
  const unannotated = problems.length - MOST_ANNOTATIONS;
  return content(input, {
    conclusion: "failure",
    title: problems.length === 1 ? "The policy has 1 problem" : `The policy has ${problems.length} problems`,
    summary: paragraphs(
      "Fix these and push again. Merged as it is, this file would not be used: the last good policy stays in force.",
      fenced(problems.map((problem) => formatProblem(path, problem)).join("\n")),
      ...(unannotated > 0
        ? [`The first ${MOST_ANNOTATIONS} are marked in the file; ${unannotated} more are only listed here.`]
        : []),
    ),
    annotations: problems.slice(0, MOST_ANNOTATIONS).map((problem) => annotation(path, problem)),
  });
}

/** Says what a file was read together with, or which files are read together with it. */
function builtOn({ owner, repository }: PolicyCheckInput): readonly string[] {
  if (isOwnersRepository(repository)) {
    return [
      `Every repository of ${codeSpan(repository.owner)} without a policy of its own uses this one, and those that say ` +
        "`extends: owner` build on it. What changes in them follows from theirs; here:",
    ];
  }
  if (owner?.kind !== "text") return [];
  return [
    `This file extends the policy of ${codeSpan(owner.place)}: what it does not name is as there, now and when that changes.`,
  ];
}

/** A required check that is not posted on every pull request and merge group would be waited for indefinitely. */
function neverJudged(input: PolicyCheckInput, text: string, check: string): CheckRunContent {
  const message =
    `\`check: ${check}\` cannot go with a ruleset that requires sevgate/close-gate: ` +
    "a pull request that Sevgate does not judge could never be merged.";
  const line = text.split("\n").findIndex((one) => /^[^#]*\bcheck["']?[ \t]*:/.test(one)) + 1;
  return content(input, {
    conclusion: "failure",
    title: "The policy takes away a check that is required",
    summary: paragraphs(message, "Write `check: always`, or take the check out of the ruleset first; then push again."),
    annotations: [{ path: input.path, line: Math.max(1, line), column: null, level: "failure", message }],
  });
}

function content(
  input: PolicyCheckInput,
  said: Pick<CheckRunContent, "title" | "summary"> &
    Partial<Pick<CheckRunContent, "status" | "conclusion" | "annotations">>,
): CheckRunContent {
  return {
    name: "sevgate/policy",
    headSha: input.headSha,
    status: "completed",
    conclusion: "success",
    annotations: [],
    actions: [],
    externalId: `pr:${input.pullRequest}`,
    ...said,
  };
}

function annotation(path: string, problem: PolicyProblem): CheckAnnotation {
  return {
    path,
    line: problem.line,
    column: problem.column,
    level: "failure",
    message: [problem.path, problem.message].filter((part) => part !== "").join(": "),
  };
}

function changeSummary(before: Policy, after: Policy): string {
  const changes = policyChanges(before, after);
  if (changes.length === 0) return "Nothing changes in effect.";
  return paragraphs("This changes:", fenced(changes.map(({ text }) => `- ${text}`).join("\n")));
}
