import type { World } from "./world.ts";

/** Everything left on GitHub when a story is over, without ids and signatures. */
export function ending(world: World): Readonly<Record<string, unknown>> {
  const { github } = world;
  return Object.fromEntries(
    github.allRepositories().flatMap((repository) =>
      github.numbers(repository).map((number) => {
        const issue = github.issue(number, repository);
        return [
          `${repository.name}#${number}`,
          {
            title: issue.title,
            state: `${issue.state} ${issue.closeReason}`,
            labels: [...issue.labels].sort(),
            assignees: [...issue.assignees].sort(),
            body: bare(issue.body),
            said: world.said(number, repository).map(bare).sort(),
            checks: checksOf(world, repository.id, number),
          },
        ];
      }),
    ),
  );
}

/**
 * What people care about in the end: the same whenever Sevgate got round to it. If hours were lost on the way, times,
 * the order of the timeline and the number of reopenings may differ, as may what was overdue when a post-mortem was
 * drafted.
 */
export function outcome(world: World): Readonly<Record<string, unknown>> {
  const { github } = world;
  return Object.fromEntries(
    github.allRepositories().flatMap((repository) =>
      github.numbers(repository).map((number) => {
        const issue = github.issue(number, repository);
        const history = world.history(number, repository);
        return [
          `${repository.name}#${number}`,
          {
            title: issue.title,
            state: `${issue.state} ${issue.closeReason}`,
            labels: [...issue.labels].sort(),
            assignees: [...issue.assignees].sort(),
            body: bare(issue.body)
              .replace(/^- .* · Overdue: .*\n/gm, "")
              // Digests of lines with times in them.
              .replace(/<!-- sevgate:drafted [^>]*-->/g, "(drafted)")
              .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "(time)"),
            phase: history?.phase ?? null,
            severity: history?.severity ?? null,
            responder: history?.responder ?? null,
            links: history?.links
              .map((link) => `${link.evidence} ${link.target.repository}#${link.target.number}`)
              .sort(),
            checks: checksOf(world, repository.id, number),
          },
        ];
      }),
    ),
  );
}

function bare(text: string): string {
  return text
    .replace(/<!-- sevgate:record [^>]*-->/g, "")
    .replace(/#issuecomment-\d+/g, "")
    .replace(/sevgate:(reply|reopened|ungated|label-restored|labels-tidied)-[\d-]+/g, "sevgate:$1");
}

/** The latest conclusion of each check on the head of a pull request. */
function checksOf(world: World, repositoryId: number, number: number): readonly string[] {
  const state = world.github.save().repositories.get(repositoryId);
  const pull = state?.issues.get(number)?.pullRequest;
  if (state === undefined || pull == null) return [];
  const runs = [...state.checkRuns.values()].filter((run) => run.headSha === pull.headSha);
  return runs
    .map((run) => `${run.name} ${run.status} ${run.conclusion}: ${run.title}\n${bare(run.summary ?? "")}`)
    .sort();
}
