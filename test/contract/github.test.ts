import { API_VERSION, FIRST_API_VERSION } from "../../src/systems/github/api-version.ts";
import { loadGitHubDescription } from "../../testkit/github-description.ts";
import { interceptRequests } from "../support/intercept-requests.ts";
import { describeGitHub } from "./github.contract.ts";
import { describedWorld, emulatedWorld, fakeWorld } from "./world.ts";

// 13 MB each: that may take longer than a test is allowed on a busy machine.
for (const version of [FIRST_API_VERSION, API_VERSION]) loadGitHubDescription(version);

interceptRequests();

describeGitHub("the fake", fakeWorld);

describeGitHub("the client, in the words of GitHub's own description", describedWorld);

describeGitHub("the client, on the emulator", emulatedWorld, {
  "lists the repositories of an installation": "404 for /installation/repositories",
  "finds what changed in all repositories of an account by one question": "the search ignores is:, updated: and label:",
  "finds open issues of an account by their labels": "the search ignores is:, updated: and label:",
  "says missing for a deleted issue, and gives it no comments": "issues cannot be deleted",
  "names the new place of a transferred issue": "issues cannot be transferred",
  "tells a duplicate from a completed issue": "state_reason duplicate is taken for completed",
  "lists what changed since a moment, issues and pull requests apart": "lists of issues leave out pull requests",
  "lists the sub-issues": "404 for sub_issues",
  "makes an issue a sub-issue, and leaves one that has a parent where it is": "404 for sub_issues",
  "reads the day an issue is due, of its field, or that there is none": "404 for issue-field-values",
  "names the app that wrote a comment": "performed_via_github_app is always null",
  "refuses to comment on a locked issue, for good": "anybody may comment on a locked issue",
  "pins and reacts": "404 for pins and reactions",
  "tells in the timeline which issues mention this one": "there are no cross-references",
  "lists the commits oldest first, with their whole messages": "commits of the base are listed, too",
  "finds the pull request of a commit": "404 for /commits/{sha}/pulls",
  "lists the runs of a branch, newest first, each as its latest attempt stands": "workflows cannot be made",
  "lists the issues it would close": "there is no GraphQL",
  "lists the queue of a branch, next first, with the commits it made": "there is no GraphQL",
  "tells what rulesets require of a branch": "404 for rules of a branch",
  "knows the suite of a commit, and none by a number that is none": "no suite is shown as queued again",
});
