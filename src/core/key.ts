import { assertNever, type Key } from "./model.ts";

/** The identity of a key: the same for the same work, whatever the repository is called today. */
export function keyId(key: Key): string {
  const repository = key.repository.id;
  switch (key.kind) {
    case "incident":
      return `incident:${repository}#${key.number}`;
    case "pull-request":
      return `pull-request:${repository}#${key.number}`;
    case "stray-command":
      return `stray-command:${repository}#${key.number}`;
    case "merge-group":
      return `merge-group:${repository}@${key.headSha}`;
    case "recheck":
      return `recheck:${repository}@${key.of}-${key.id}`;
    case "declaration":
      return `declaration:${repository}:${key.id}`;
    case "thread":
      return `thread:${repository}#${key.number}`;
    case "page":
      return `page:${repository}#${key.number}`;
    case "repository":
      return `repository:${repository}`;
    case "onboarding":
      return `onboarding:${repository}`;
    case "report":
      return `report:${repository}`;
    case "follow-ups":
      return `follow-ups:${repository}`;
    case "alert":
      return `alert:${repository}!${key.alert}`;
    case "workflow":
      return `workflow:${repository}!${key.workflow}`;
    case "alert-source":
      return `alert-source:${repository}!${key.alert}`;
    default:
      return assertNever(key);
  }
}
