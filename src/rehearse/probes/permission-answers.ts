import { type Answer, at, isDone, saidBy, textAt } from "../answer.ts";
import { type Finding, fails, holds, told, untold } from "../finding.ts";
import type { AppProbe } from "../probe.ts";

/** The built-in roles, and what `permission` says for each. */
const FOLDED: Readonly<Record<string, string>> = { admin: "admin", maintain: "write", write: "write" };

interface PermissionAnswers {
  /** Of whose token it is: at least write. */
  readonly me: Answer;
  /** Of somebody who has nothing to do with the repository. */
  readonly stranger: Answer;
  /** Of bots: another app, and the app itself. */
  readonly bots: readonly Answer[];
  readonly isPrivate: boolean;
}

export function judgePermissionAnswers({ me, stranger, bots, isPrivate }: PermissionAnswers): readonly Finding[] {
  const rights = at(me.data, "user", "permissions");
  const permission = textAt(me.data, "permission");
  const mine = `${permission}, role “${textAt(me.data, "role_name")}”`;
  const role = textAt(me.data, "role_name") ?? "";
  // Whoever may rehearse has at least the write role; what a custom role is folded into is not known.
  const folded = permission === (FOLDED[role] ?? permission) && (permission === "admin" || permission === "write");
  const theirs = isDone(stranger) ? (textAt(stranger.data, "permission") ?? "nothing") : saidBy(stranger);
  const none = theirs === "none" || stranger.status === 404;
  const botRights = bots.map((bot) => (isDone(bot) ? (textAt(bot.data, "permission") ?? "nothing") : saidBy(bot)));
  const isNone = bots.every(
    (bot, index) => bot.status === 404 || botRights[index] === "none" || botRights[index] === "read",
  );
  const refused = [me, stranger].find(({ status }) => status === 403);
  return [
    refused !== undefined
      ? fails("A-030", saidBy(refused))
      : isDone(me) && permission !== null
        ? holds("A-030", `mine: ${mine}`)
        : untold("A-030", saidBy(me)),
    stranger.status >= 400 && stranger.status !== 404
      ? untold("A-031", theirs)
      : told(
          "A-031",
          isPrivate ? none : theirs === "read" || none,
          `a stranger has ${theirs} on this ${isPrivate ? "private" : "public"} repository`,
        ),
    isDone(me) ? told("A-032", folded, mine) : untold("A-032", saidBy(me)),
    isDone(me)
      ? told(
          "A-033",
          at(rights, "push") === true,
          at(rights, "push") === true
            ? "user.permissions is there; no custom role was asked about"
            : "user.permissions does not say that I may push",
        )
      : untold("A-033", saidBy(me)),
    bots.some(({ status }) => status === 403 || status >= 500)
      ? untold("A-034", botRights.join("; "))
      : told("A-034", isNone, `bots have ${botRights.join("; ")}`),
  ];
}

/** GitHub's own mascot: on github.com it has no rights anywhere else. */
const STRANGER = "octocat";

export const permissionAnswersProbe: AppProbe = {
  id: "T-5",
  title: "who has which rights: a stranger, a bot, the app, yourself",
  assumptions: ["A-030", "A-031", "A-032", "A-033", "A-034"],
  needs: "app",
  async run({ me, isPrivate }, app) {
    const of = (username: string) =>
      app.installation.ask("GET /repos/{owner}/{repo}/collaborators/{username}/permission", { username });
    const bots = [await of("dependabot[bot]"), await of(app.botLogin)];
    return judgePermissionAnswers({ me: await of(me), stranger: await of(STRANGER), bots, isPrivate });
  },
};
