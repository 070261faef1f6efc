import { writeFileSync } from "node:fs";
import { it } from "@jest/globals";
import { type ReportFormat, report } from "../../src/cli/report.ts";
import { testPrivateKey } from "../contract/world.ts";
import { Story } from "../support/story.ts";

const SERVER = {
  APP_ID: "4242",
  PRIVATE_KEY: testPrivateKey(),
  WEBHOOK_SECRET: "a webhook secret for tests",
  RECORD_KEY: "a record key for tests, long enough to be one",
  DATA_DIR: "/tmp/m/report/nodata",
};

it("shows", async () => {
  const story = await Story.begin({ policy: "version: 1\nreport: { every: week }\ncontributing-factors: [configuration, 'missing: alert; #1']\n" });
  for (let n = 0; n < 12; n += 1) {
    const number = await story.declare([n % 3 === 0 ? "sev:P0" : "sev:P1"]);
    await story.advance(60_000 * (n + 1) * 3);
    await story.say("alice", number, "/ack");
    await story.advance(3_600_000 * n);
    if (n % 4 === 3) continue;
    await story.say("alice", number, "/resolve it is over");
    if (n % 5 === 4) { await story.say("alice", number, "/waive nothing to learn"); continue; }
    await story.say("alice", number, "/postmortem");
    const pm = story.history(number).links.at(-1)?.target.number;
    console.log(number, pm, JSON.stringify(story.history(number).links));
    if (pm !== undefined) {
      await story.fillPostMortem(pm);
      const body = story.github.issue(pm).body.replace("- [ ] configuration", "- [x] configuration");
      story.github.as("bob").edit(pm, { body });
      await story.settle();
      story.github.as("alice").close(number); await story.settle();
    }
    await story.advance(86_400_000);
  }
  const write = async (format: ReportFormat, file: string) => {
    let text = "";
    const code = await report({ repositories: ["acme/ops"], since: "90d", until: undefined, format, onlyOpen: false, app: undefined, env: SERVER, clock: story.clock,
      connect: () => ({ read: story.github.read, app: story.github.app }), write: (t) => { text += t; } });
    writeFileSync(file, text);
    console.log(format, code, text.length);
  };
  await write("md", "/tmp/m/report/out.md");
  await write("html", "/tmp/m/report/out.html");
  await write("json", "/tmp/m/report/out.json");
  await write("csv", "/tmp/m/report/out.csv");
  story.hint({ kind: "repository", repository: story.repository });
  await story.settle();
  const issues = await story.github.read.issuesWithLabel(story.repository, "incident-report", { state: "all", since: null });
  console.log(issues.map((i) => `${i.title}\n${i.body}`).join("\n=====\n"));
});
