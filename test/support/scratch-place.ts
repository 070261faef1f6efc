import { nothingSeen } from "../../src/rehearse/story-seen.ts";

/** The mark of the rehearsal in tests. */
export const MARK = "rehearsal-k3x9z2";

/** Where a rehearsal plays in tests, before anything happened. */
export function scratchPlace() {
  return {
    owner: "acme",
    name: "sevgate-scratch",
    id: 7,
    defaultBranch: "main",
    isPrivate: true,
    me: "maria",
    mark: MARK,
    story: nothingSeen(),
  };
}
