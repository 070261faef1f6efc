import { pino } from "pino";
import { Probot, type ProbotOctokit, Server } from "probot";

/**
 * Probot's own server with the smallest possible app. `BARE_APP=comment` makes it answer a label with one comment, as a
 * first bot would; otherwise its handler is empty.
 */
const { APP_ID = "1", PRIVATE_KEY = "", WEBHOOK_SECRET = "", GITHUB_API_URL = "", PORT, BARE_APP } = process.env;
const log = pino({ level: "silent" });
const server = new Server({
  Probot: Probot.defaults({
    appId: Number(APP_ID),
    privateKey: PRIVATE_KEY,
    secret: WEBHOOK_SECRET,
    baseUrl: GITHUB_API_URL,
    log,
  }),
  host: "127.0.0.1",
  port: Number(PORT),
  webhookPath: "/api/github/webhooks",
  log,
});

await server.load((app) => {
  app.on("issue_comment", () => {});
  if (BARE_APP !== "comment") return;
  app.on("issues.labeled", async (context) => {
    const octokit: ProbotOctokit = context.octokit;
    await octokit.rest.issues.createComment({
      ...context.repo(),
      issue_number: context.payload.issue.number,
      body: "This is an incident.",
    });
  });
});
await server.start();
