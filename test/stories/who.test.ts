import { describe, expect, it } from "@jest/globals";
import { everyStoryEndsAtRest } from "../support/every-story-ends-at-rest.ts";
import { Story } from "../support/story.ts";

everyStoryEndsAtRest();

const ON_CALL = [
  "version: 1",
  "zone: Europe/Paris",
  "people: { carol: { zone: America/New_York } }",
  "rotations: { day: { start: 2025-12-01, shift: 1w, members: [carol] } }",
  "roles: { primary: { layers: [day] } }",
].join("\n");

async function repository(files: Readonly<Record<string, string>>): Promise<Story> {
  const story = await Story.begin();
  for (const [path, text] of Object.entries(files)) story.github.setFile(path, text);
  return story;
}

async function ask(story: Story, body: string): Promise<string> {
  const { number } = story.github.as("bob").openIssue({ title: "Checkout is down", body, labels: ["sev:P2"] });
  await story.settle();
  await story.say("bob", number, "/who");
  return story.replies(number).at(-1) ?? "";
}

describe("/who", () => {
  it("names the owners and the authors of the files that the incident names, and mentions nobody", async () => {
    const story = await repository({ CODEOWNERS: "* @dana\n/src/cart.ts @erik @acme/web\n" });
    story.github.as("wendy").push("Write", { "src/cart.ts": "x" });
    story.github.as("walter").push("Other", { "src/other.ts": "x" });
    const reply = await ask(story, "It is in `cart.ts`.");
    expect(reply).toContain("Who may know more about `src/cart.ts`");
    expect(reply).toMatch(/- erik: code owner\n- wendy: 1 recent commit\n/);
    expect(reply).toContain("Teams that own it: `acme/web`");
    expect(reply).not.toMatch(/walter|dana/);
  });

  it("names who is on call first, with their local time", async () => {
    const story = await repository({ ".github/sevgate/on-call.yml": ON_CALL, ".github/CODEOWNERS": "* @dana" });
    await story.advance(3_700_000);
    const reply = await ask(story, "No file.");
    expect(reply).toMatch(/- carol: on call \(`primary`\), there it is Mon 2026-01-05 0\d:\d\d\n- dana: code owner/);
  });

  it("says so when nobody is known", async () => {
    const story = await repository({});
    expect(await ask(story, "")).toContain("nobody was found who knows more");
  });
});
