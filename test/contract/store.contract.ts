import { describe, expect, it } from "@jest/globals";
import { type AlertChange, UNSAID } from "../../src/core/alerts/alert-change.ts";
import type { AlertState } from "../../src/core/alerts/alert-state.ts";
import { mergeChange } from "../../src/core/alerts/merge-change.ts";
import type { SentPage } from "../../src/core/escalation/page-outbox.ts";
import type { Instant, Repository } from "../../src/core/model.ts";
import type { AlertStore } from "../../src/store/alert-store.ts";
import type { IndexStore } from "../../src/store/index-store.ts";
import type { PageStore } from "../../src/store/page-store.ts";
import type { ThreadStore } from "../../src/store/thread-store.ts";

/** What is kept between passes, whatever keeps it. */
export interface KeptParts {
  readonly index: IndexStore;
  readonly threads: ThreadStore;
  readonly alerts: AlertStore;
  readonly pages: PageStore;
}

const NOW = Date.UTC(2026, 0, 5, 9) as Instant;
const HOUR = 3_600_000;
const REPOSITORY: Repository = { installationId: 1, id: 10, owner: "acme", name: "shop" };
/** GitHub's installation ids will not fit into 32 bits for ever. */
const HOME = 2 ** 40 + 1;
const THREADS_OF = 2 ** 40 + 1;

const CHANGE: AlertChange = {
  ...UNSAID,
  change: "fired",
  key: "k",
  externalId: null,
  at: NOW,
  order: "time",
  title: 'Checkout \u0000 é "',
  summary: "",
  severity: null,
  url: null,
  actor: null,
  labels: { severity: "critical" },
};

function told(change: AlertChange["change"], at = NOW): (known: AlertState | null) => AlertState {
  const one: AlertChange = { ...CHANGE, change, at };
  return (known) => mergeChange(known, { source: "better-stack", endpoint: "prod" }, one, (at + 1) as Instant);
}

const SENT: SentPage = {
  page: "1767603600000-0",
  channel: "pagerduty",
  state: "failing",
  since: 1_767_603_600_000 as Instant,
  triedAt: 1_767_603_600_000 as Instant,
  externalId: null,
  why: "HTTP 500",
};

/** What every store promises, in memory or on disk: `store` is asked in each test. */
export function keepsStorePromises(store: () => KeptParts): void {
  describe("the index", () => {
    keepsIndexPromises(() => store().index);
  });
  describe("threads", () => {
    keepsThreadPromises(() => store().threads);
    it("are kept when their incident is forgotten: they have to be told that it is gone", async () => {
      await store().index.saveRepository({ installationId: 1, id: 78, owner: "acme", name: "web" }, {});
      await store().index.saveIncident(78, 5, { open: true });
      await store().threads.saveThreadView(78, 5, "view");
      await store().index.forgetIncident(78, 5);
      expect(await store().threads.thread(78, 5)).toMatchObject({ view: "view" });
      await store().index.forgetRepository(78);
      expect(await store().threads.thread(78, 5)).toBeNull();
    });

    it("are listed while their incident is open, and forgotten with their repository", async () => {
      const repository = { installationId: 1, id: 77, owner: "acme", name: "shop" };
      await store().index.saveRepository(repository, {});
      for (const number of [2, 1, 3]) {
        await store().index.saveIncident(77, number, { open: number !== 3 });
        await store().threads.saveThreadView(77, number, `view ${number}`);
      }
      expect((await store().threads.openThreads(77)).map(({ view }) => view)).toEqual(["view 1", "view 2"]);
      for (const number of [1, 2, 3])
        await store().threads.saveThreadSent(77, number, 0, "sent", number === 1 ? "C77" : "C78");
      expect(await store().threads.openThreadsIn("C77", 10)).toEqual([
        { repositoryId: 77, view: "view 1", sent: "sent", revision: 1 },
      ]);
      expect((await store().threads.openThreadsIn("C78", 10)).map(({ view }) => view)).toEqual(["view 2"]);
      expect(await store().threads.openThreadsIn("C78", 0)).toEqual([]);
      // What somebody without rights declared must not crowd out what the team declared.
      await store().index.saveIncident(77, 9, { open: true });
      await store().threads.saveThreadView(77, 9, "view 9");
      await store().threads.saveThreadSent(77, 9, 0, "sent", "C78");
      await store().threads.reserveAnnouncement(77, 2, "mallory", 1_000 as Instant, { ofAuthor: 3, ofRepository: 10 });
      expect((await store().threads.openThreadsIn("C78", 1)).map(({ view }) => view)).toEqual(["view 9"]);
      await store().index.forgetRepository(77);
      expect(await store().threads.thread(77, 1)).toBeNull();
    });
  });
  describe("alerts", () => {
    keepsAlertPromises(() => store().alerts);
  });
  describe("pages", () => {
    keepsPagePromises(() => store().pages);
  });

  it("forgets a repository with all that hangs on it, and nothing of another one", async () => {
    const { index, threads, alerts, pages } = store();
    const [gone, stays] = [4_201, 42_010];
    for (const id of [gone, stays]) {
      await index.saveRepository({ ...REPOSITORY, id, installationId: 77, name: `r${id}` }, {});
      await index.saveIncident(id, 1, {});
      await index.addLink(id, 1, "revert", "acme/shop", 9);
      await threads.saveThreadView(id, 1, "view");
      await threads.addRequest({ id: `of ${id}`, repositoryId: id, number: 1, body: "{}", at: NOW });
      await alerts.report(id, "a", NOW, told("fired"));
      await alerts.save(id, "a", { issue: 1, folded: "P1" });
      await pages.saveSentPage(id, 1, SENT);
    }
    await index.forgetRepository(gone);
    const left = async (id: number) => [
      (await index.repositories(77)).some(({ repository }) => repository.id === id),
      (await index.incident(id, 1)) !== null,
      (await index.linksFrom(id, 1)).length,
      (await threads.thread(id, 1)) !== null,
      (await threads.openThreads(id)).length,
      (await threads.request(`of ${id}`)) !== null,
      (await alerts.alert(id, "a")) !== null,
      (await alerts.ofIncident(id, 1)).firing,
      (await pages.sentPages(id, 1)).length,
    ];
    expect(await left(gone)).toEqual([false, false, 0, false, 0, false, false, 0, 0]);
    expect(await left(stays)).toEqual([true, true, 1, true, 1, true, true, 1, 1]);
    await index.forgetRepository(stays);
  });

  it("forgets all of a repository that has much", async () => {
    const { index, threads } = store();
    const place = { ...REPOSITORY, id: 4_601, installationId: 4_600, name: "much" };
    await index.saveRepository(place, {});
    const numbers = Array.from({ length: 120 }, (_, at) => at + 1);
    for (const number of numbers) {
      await index.saveIncident(4_601, number, { open: true });
      await index.addLink(4_601, number, "revert", "acme/shop", number);
      await threads.saveThreadView(4_601, number, "view");
    }
    await index.forgetRepository(4_601);
    expect(await index.openIncidents(4_601)).toEqual([]);
    expect(await index.linksTo("acme/shop", 120, "revert")).toEqual([]);
    expect(await threads.thread(4_601, 120)).toBeNull();
  });

  it("keeps where a link stands when its repository is renamed", async () => {
    const { index } = store();
    const place = { ...REPOSITORY, id: 4_301, name: "old-name" };
    await index.saveRepository(place, {});
    await index.addLink(4_300, 1, "pull-request", "acme/old-name", 7, "team");
    await index.addLink(4_300, 1, "pull-request", "acme/other", 8);
    await index.saveRepository({ ...place, name: "new-name" }, {});
    expect(await index.linksFrom(4_300, 1)).toEqual([
      { repository: "acme/new-name", number: 7, kind: "pull-request", standing: "team" },
      { repository: "acme/other", number: 8, kind: "pull-request", standing: "untold" },
    ]);
  });

  it("lists repositories by id and open incidents by number", async () => {
    const { index } = store();
    for (const id of [4_402, 4_401]) {
      await index.saveRepository({ ...REPOSITORY, id, installationId: 4_400, name: `n${id}` }, {});
    }
    for (const number of [30, 4, 12]) await index.saveIncident(4_401, number, {});
    expect((await index.repositories(4_400)).map(({ repository }) => repository.id)).toEqual([4_401, 4_402]);
    expect((await index.openIncidents(4_401)).map(({ number }) => number)).toEqual([4, 12, 30]);
  });

  it("forgets what was asked for in Slack after a week", async () => {
    const { threads } = store();
    const request = (id: string, at: number) => ({ id, repositoryId: 4_501, number: 1, body: "{}", at: at as Instant });
    await threads.addRequest(request("old", NOW));
    await threads.addRequest(request("young", NOW + 24 * HOUR));
    await threads.addRequest(request("now", NOW + 7 * 24 * HOUR + 1));
    expect((await threads.requests(4_501, 1)).map(({ id }) => id)).toEqual(["young", "now"]);
  });
}

function keepsIndexPromises(index: () => IndexStore): void {
  it("changes just the fields of a repository that are given", async () => {
    await index().saveRepository(REPOSITORY, {
      severityLabels: ["sev:P0", "sev:P1"],
      policyReadAt: 5 as Instant,
      isPrivate: true,
      lastGoodPolicy: { text: "version: 1 # \u0000 é", sha: "abc", source: ".github/sevgate.yml" },
    });
    await index().saveRepository(REPOSITORY, { policyReadAt: null, policyState: "{}" });
    expect(await index().repository(REPOSITORY.id)).toEqual({
      repository: REPOSITORY,
      severityLabels: ["sev:P0", "sev:P1"],
      postMortemLabel: null,
      lastGoodPolicy: { text: "version: 1 # \u0000 é", sha: "abc", source: ".github/sevgate.yml" },
      policyState: "{}",
      policyReadAt: null,
      policyHint: null,
      sweptAt: null,
      labelsThere: null,
      isPrivate: true,
      slackChannel: null,
    });
    await index().saveRepository(REPOSITORY, { isPrivate: null });
    expect((await index().repository(REPOSITORY.id))?.isPrivate).toBe(null);
  });

  it("tells one change of a policy from the next, until it has been read", async () => {
    const policy = async () => {
      const { policyReadAt, policyHint } = (await index().repository(REPOSITORY.id))!;
      return { policyReadAt, policyHint };
    };
    await index().saveRepository(REPOSITORY, { policyReadAt: 5 as Instant });
    expect(await policy()).toEqual({ policyReadAt: 5, policyHint: null });
    await index().saveRepository(REPOSITORY, { policyHint: 2 ** 47 });
    expect(await policy()).toEqual({ policyReadAt: null, policyHint: 2 ** 47 });
    await index().saveRepository(REPOSITORY, { policyHint: 1 });
    await index().saveRepository(REPOSITORY, { isPrivate: true });
    expect(await policy()).toEqual({ policyReadAt: null, policyHint: 1 });
    await index().saveRepository(REPOSITORY, { policyReadAt: 6 as Instant });
    expect(await policy()).toEqual({ policyReadAt: 6, policyHint: null });
  });

  it("takes a policy for read only if no other change of it has been heard of since", async () => {
    const policyReadAt = async () => (await index().repository(REPOSITORY.id))!.policyReadAt;
    await index().saveRepository(REPOSITORY, { policyReadAt: null });
    await index().savePolicyRead(REPOSITORY.id, 7 as Instant, null);
    expect(await policyReadAt()).toBe(7);
    await index().saveRepository(REPOSITORY, { policyHint: 3 });
    await index().savePolicyRead(REPOSITORY.id, 8 as Instant, null);
    await index().savePolicyRead(REPOSITORY.id, 8 as Instant, 2);
    expect(await policyReadAt()).toBeNull();
    await index().savePolicyRead(REPOSITORY.id, 9 as Instant, 3);
    expect(await policyReadAt()).toBe(9);
    await index().savePolicyRead(404_404, 9 as Instant, 3);
    expect(await index().repository(404_404)).toBeNull();
  });

  it("finds a repository by name as GitHub does, and the one that has the name now", async () => {
    const older = { ...REPOSITORY, id: 11, name: "Moved" };
    const newer = { ...REPOSITORY, id: 10, name: "moved" };
    await index().saveRepository(newer, {});
    await index().saveRepository(older, {});
    await index().saveRepository(newer, {});
    expect((await index().repositoryByName("aCME/MOVED"))?.repository).toEqual(newer);
    expect(await index().repositoryByName("acme/nothing")).toBeNull();
  });

  it("keeps who was first seen under a name, also when that one is renamed or forgotten and another one takes it", async () => {
    const first = { installationId: 1, id: 4_001, owner: "acme", name: "Named" };
    await index().saveRepository(first, {});
    await index().saveRepository({ ...first, name: "renamed" }, {});
    await index().saveRepository({ ...first, id: 4_002 }, {});
    expect(await index().firstNamed("ACME/named")).toBe(4_001);
    expect(await index().firstNamed("acme/renamed")).toBe(4_001);
    await index().forgetRepository(4_001);
    expect(await index().firstNamed("acme/named")).toBe(4_001);
    expect(await index().firstNamed("acme/nobody")).toBeNull();
  });

  it("follows a repository to its new name with what is linked in it, each link once", async () => {
    const place = { installationId: 1, id: 4_101, owner: "acme", name: "Before" };
    await index().saveRepository(place, {});
    await index().addLink(4_100, 1, "post-mortem", "acme/before", 7);
    await index().addLink(4_100, 1, "post-mortem", "acme/Before", 8);
    await index().addLink(4_100, 1, "post-mortem", "acme/after", 8);
    await index().saveRepository({ ...place, name: "before" }, {});
    expect(await index().linksTo("acme/before", 7)).toHaveLength(1);
    await index().saveRepository({ ...place, name: "after" }, {});
    expect(await index().linksTo("acme/before", 7)).toEqual([]);
    expect(await index().linksTo("acme/AFTER", 7)).toEqual([
      { repositoryId: 4_100, incident: 1, kind: "post-mortem", standing: "untold" },
    ]);
    expect(await index().linksTo("acme/after", 8)).toHaveLength(1);
    await index().saveRepository(place, {});
    expect(await index().linksTo("acme/before", 7)).toHaveLength(1);
  });

  it("keeps incidents apart by repository, and lists those that are open", async () => {
    await index().saveIncident(20, 2, { open: true, recordRevision: 4 });
    await index().saveIncident(20, 1, { record: "signed" });
    await index().saveIncident(20, 3, { open: false });
    await index().saveIncident(21, 1, {});
    await index().saveIncident(20, 2, { statusCommentId: 2 ** 40, verdict: "ready" });
    expect((await index().openIncidents(20)).map((known) => known.number).sort()).toEqual([1, 2]);
    expect(await index().incident(20, 2)).toEqual({
      repositoryId: 20,
      number: 2,
      recordRevision: 4,
      record: null,
      statusCommentId: 2 ** 40,
      open: true,
      verdict: "ready",
    });
    expect(await index().incident(20, 99)).toBeNull();
  });

  it("follows links in both directions, whatever the case of the name", async () => {
    await index().addLink(30, 1, "post-mortem", "acme/learn", 5);
    await index().addLink(30, 1, "post-mortem", "Acme/Learn", 5);
    await index().addLink(30, 1, "revert", "acme/learn", 6);
    await index().addLink(30, 2, "post-mortem", "acme/learn", 5);
    expect(await index().linksTo("ACME/learn", 5)).toEqual([
      { repositoryId: 30, incident: 1, kind: "post-mortem", standing: "untold" },
      { repositoryId: 30, incident: 2, kind: "post-mortem", standing: "untold" },
    ]);
    expect(await index().linksFrom(30, 1, "revert")).toEqual([
      { repository: "acme/learn", number: 6, kind: "revert", standing: "untold" },
    ]);
    await index().addLink(31, 1, "post-mortem", "acme/learn", 6);
    const learn = { ...REPOSITORY, id: 31, owner: "Acme", name: "learn" };
    await index().addLink(30, 2, "revert", "acme/here", 9);
    const here = { ...REPOSITORY, id: 30, owner: "acme", name: "Here" };
    expect(await index().linksOutOf(here, "post-mortem")).toEqual([{ repository: "acme/learn", number: 5 }]);
    expect(await index().linksOutOf(here, "revert")).toEqual([{ repository: "acme/learn", number: 6 }]);
    expect(await index().linksInto(learn, "post-mortem")).toEqual([
      { repositoryId: 30, incident: 2 },
      { repositoryId: 30, incident: 1 },
    ]);
    await index().removeLink(30, 1, "post-mortem", "ACME/LEARN", 5);
    expect(await index().linksFrom(30, 1)).toEqual([
      { repository: "acme/learn", number: 6, kind: "revert", standing: "untold" },
    ]);
  });

  it("tells a sweep when each repository of an installation was looked at, and how many incidents are open", async () => {
    const swept = { ...REPOSITORY, id: 51, installationId: 78 };
    const quiet = { ...REPOSITORY, id: 50, installationId: 78 };
    await index().saveRepository(swept, { sweptAt: 7 as Instant });
    await index().saveRepository(quiet, {});
    await index().saveRepository({ ...REPOSITORY, id: 52, installationId: 79 }, {});
    for (const number of [1, 2]) await index().saveIncident(51, number, { open: true });
    await index().saveIncident(51, 3, { open: false });
    expect(await index().sweepStates(78)).toEqual([
      { repository: quiet, sweptAt: null, openIncidents: 0 },
      { repository: swept, sweptAt: 7, openIncidents: 2 },
    ]);
  });

  it("remembers for each installation how far its changes were read", async () => {
    expect(await index().changesReadUntil(1)).toBeNull();
    await index().saveChangesReadUntil(1, 5 as Instant);
    await index().saveChangesReadUntil(1, 9 as Instant);
    await index().saveDeliveriesSweptAt(7 as Instant);
    expect([await index().changesReadUntil(1), await index().changesReadUntil(2)]).toEqual([9, null]);
  });

  it("gives each account five turns for onboarding within any hour, however many ask at once", async () => {
    const hour = 3_600_000;
    const at = (ms: number) => (10 * hour + ms) as Instant;
    const take = (installationId: number, ms: number) => index().takeOnboardingTurn(installationId, at(ms));
    expect([await take(81, 0), await take(81, 1)]).toEqual([true, true]);
    const atOnce = await Promise.all(Array.from({ length: 8 }, () => take(81, hour / 2)));
    expect(atOnce.filter((isTaken) => isTaken)).toHaveLength(3);
    expect([await take(81, hour - 1), await take(82, hour - 1)]).toEqual([false, true]);
    expect([await take(81, hour), await take(81, hour)]).toEqual([true, false]);
    expect([await take(81, hour + 1), await take(81, hour + 2)]).toEqual([true, false]);
  });

  it("gives the repositories of a channel by what their policies name, in order, and no more than asked for", async () => {
    for (const [id, slackChannel] of [
      [52, "alert"],
      [51, "alert"],
      [53, "other"],
      [54, null],
    ] as const) {
      await index().saveRepository(
        { ...REPOSITORY, id, installationId: 76, name: `r${id}` },
        { slackChannel, isPrivate: id === 51 },
      );
    }
    const found = async (channels: string[], most: number) =>
      (await index().repositoriesOfChannel(channels, most)).map(({ repository, isPrivate }) => [
        repository.name,
        isPrivate,
      ]);
    expect(await found(["alert", "C1"], 10)).toEqual([
      ["r51", true],
      ["r52", false],
    ]);
    expect(await found(["alert"], 1)).toEqual([["r51", true]]);
    expect(await found(["nowhere"], 10)).toEqual([]);
    for (const id of [51, 52, 53, 54]) await index().forgetRepository(id);
  });

  it("forgets a repository with all that hangs on it", async () => {
    const gone = { ...REPOSITORY, id: 40, installationId: 77 };
    await index().saveRepository(gone, {});
    await index().saveIncident(40, 1, {});
    await index().addLink(40, 1, "revert", "acme/shop", 9);
    expect((await index().repositories(77)).map((known) => known.repository.id)).toEqual([40]);
    await index().forgetRepository(40);
    expect(await index().repositories(77)).toEqual([]);
    expect(await index().incident(40, 1)).toBeNull();
    expect(await index().linksFrom(40, 1)).toEqual([]);
  });
}

function keepsThreadPromises(threads: () => ThreadStore): void {
  it("remembers what Slack should show and what was sent apart from each other", async () => {
    expect(await threads().thread(THREADS_OF, 1)).toBeNull();
    await threads().saveThreadView(THREADS_OF, 1, "view");
    expect(await threads().saveThreadSent(THREADS_OF, 1, 0, "sent", "C1")).toBe(true);
    await threads().saveThreadView(THREADS_OF, 1, "another view");
    expect(await threads().thread(THREADS_OF, 1)).toMatchObject({ view: "another view", sent: "sent", revision: 1 });
  });

  it("lets only one of two passes write down what was sent", async () => {
    expect(await threads().saveThreadSent(THREADS_OF, 2, 0, "first", "C1")).toBe(true);
    expect(await threads().saveThreadSent(THREADS_OF, 2, 0, "second", "C1")).toBe(false);
    expect(await threads().saveThreadSent(THREADS_OF, 2, 1, "third", "C1")).toBe(true);
    expect(await threads().thread(THREADS_OF, 2)).toMatchObject({ view: null, sent: "third", revision: 2 });
  });

  it("gives away so many announcements to an outsider in an hour, and to all of them, and the same one again", async () => {
    const most = { ofAuthor: 2, ofRepository: 3 };
    const reserve = (number: number, author: string, minutes: number) =>
      threads().reserveAnnouncement(THREADS_OF + 1, number, author, (NOW + minutes * 60_000) as Instant, most);
    expect(await reserve(1, "mallory", 0)).toBe(true);
    expect(await reserve(2, "Mallory", 1)).toBe(true);
    expect(await reserve(3, "mallory", 2)).toBe(false);
    expect(await reserve(1, "mallory", 3)).toBe(true);
    expect(await reserve(4, "trudy", 4)).toBe(true);
    expect(await reserve(5, "oscar", 5)).toBe(false);
    // What was handed out again is as old as before.
    expect(await reserve(5, "oscar", 61)).toBe(true);
    expect(await threads().thread(THREADS_OF + 1, 3)).toBeNull();
  });

  it("takes a request once, also when it was answered and closed already", async () => {
    const request = { id: "T1:1.1:2.2", repositoryId: THREADS_OF, number: 3, body: "{}", at: NOW };
    expect(await threads().addRequest(request)).toBe(true);
    expect(await threads().addRequest(request)).toBe(false);
    expect(await threads().requests(THREADS_OF, 3)).toEqual([
      expect.objectContaining({ id: request.id, answer: null, at: NOW }),
    ]);
    await threads().answerRequest(request.id, "done");
    expect(await threads().request(request.id)).toMatchObject({ answer: "done" });
    await threads().closeRequest(request.id);
    expect([await threads().request(request.id), await threads().requests(THREADS_OF, 3)]).toEqual([null, []]);
    expect(await threads().addRequest(request)).toBe(false);
  });

  it("keeps the requests of incidents and of declarations apart, oldest first", async () => {
    for (const [id, number, at] of [
      ["b", null, 2],
      ["a", null, 1],
      ["c", 4, 0],
    ] as const) {
      await threads().addRequest({ id, repositoryId: THREADS_OF, number, body: "{}", at: (NOW + at) as Instant });
    }
    expect((await threads().requests(THREADS_OF, null)).map(({ id }) => id)).toEqual(["a", "b"]);
    expect((await threads().requests(THREADS_OF, 4)).map(({ id }) => id)).toEqual(["c"]);
  });
}

function keepsAlertPromises(store: () => AlertStore): void {
  it("keeps what was reported as it was, and what was noted about it beside it", async () => {
    const { before, after } = await store().report(HOME, "a", NOW, told("fired"));
    expect(before).toBeNull();
    await store().save(HOME, "a", { issue: 7, handledAt: NOW, told: { state: "acknowledged", firedAt: NOW } });
    await store().report(HOME, "a", NOW, told("acknowledged"));
    expect(await store().alert(HOME, "a")).toEqual({
      repositoryId: HOME,
      id: "a",
      state: { ...after, status: "acknowledged", acknowledgedAt: NOW },
      issue: 7,
      earlierIssue: null,
      handledAt: NOW,
      openingAt: null,
      folded: null,
      told: { state: "acknowledged", firedAt: NOW },
      trouble: null,
    });
    expect(await store().alert(HOME + 1, "a")).toBeNull();
  });

  it("loses none of many reports that come at once", async () => {
    const starts = Array.from({ length: 20 }, (_, index) => (NOW + index * 2_000) as Instant);
    await Promise.all(
      starts.map((start) =>
        store().report(HOME, "busy", NOW, (known) => {
          const fired = told("fired", start)(known);
          return { ...fired, summary: `${fired.summary}${known === null ? "" : known.summary}x`.slice(0, 100) };
        }),
      ),
    );
    expect((await store().alert(HOME, "busy"))?.state.summary).toBe("x".repeat(20));
  });

  it("gives away so many openings in an hour and no more, also when all are asked for at once", async () => {
    const home = HOME + 2;
    const ids = Array.from({ length: 12 }, (_, index) => `o${index}`);
    for (const id of ids) await store().report(home, id, NOW, told("fired"));
    const given = await Promise.all(ids.map((id) => store().reserveOpening(home, id, NOW, 5)));
    expect(given.filter(Boolean)).toHaveLength(5);
    // If somebody has one, they keep it.
    expect(await store().reserveOpening(home, ids[given.indexOf(true)]!, NOW, 5)).toBe(true);
    expect(await store().reserveOpening(home, ids[given.indexOf(false)]!, (NOW + HOUR) as Instant, 5)).toBe(true);
  });

  it("tells the alerts of an incident, those that fire first, and how many there are", async () => {
    const home = HOME + 3;
    for (let index = 0; index < 25; index += 1) {
      await store().report(home, `c${index}`, (NOW + index) as Instant, told(index % 2 === 0 ? "resolved" : "fired"));
      await store().save(home, `c${index}`, { issue: 9 });
    }
    const { listed, named, ...counts } = await store().ofIncident(home, 9);
    expect(named).toHaveLength(5);
    expect(counts).toEqual({ firing: 12, acknowledged: 0, resolved: 13 });
    expect(listed).toHaveLength(20);
    expect(listed.slice(0, 12).map(({ id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, index) => `c${23 - 2 * index}`),
    );
    expect(await store().ofIncident(home, 10)).toEqual({
      listed: [],
      named: [],
      firing: 0,
      acknowledged: 0,
      resolved: 0,
    });
  });

  it("gives what a storm folded to its issue, once", async () => {
    const home = HOME + 4;
    for (const [id, folded] of [
      ["p", "P1"],
      ["q", "P0"],
      ["r", "P1"],
    ] as const) {
      await store().report(home, id, NOW, told("fired"));
      await store().save(home, id, { folded });
    }
    expect(await store().folded(home, "P1")).toBe(2);
    await store().giveFolded(home, "P1", 11);
    expect(await store().folded(home, "P1")).toBe(0);
    expect(await store().folded(home, "P0")).toBe(1);
    expect((await store().ofIncident(home, 11)).firing).toBe(2);
  });

  it("tells which alerts of an endpoint have a member that burns", async () => {
    const home = HOME + 6;
    const group =
      (ids: readonly string[], over: readonly string[] = []) =>
      (known: AlertState | null) => {
        const one = (id: string, status: "firing" | "resolved") => ({
          id,
          status,
          name: id,
          severity: null,
          startedAt: NOW,
          endedAt: status === "firing" ? null : ((NOW + 1) as Instant),
        });
        const members = [...ids.map((id) => one(id, "firing")), ...over.map((id) => one(id, "resolved"))];
        const change: AlertChange = {
          ...CHANGE,
          change: "fired",
          group: { id: "g", members, isWhole: true, truncated: 0 },
        };
        return mergeChange(known, { source: "alertmanager", endpoint: "m" }, change, (NOW + 2) as Instant);
      };
    await store().report(home, "x", NOW, group(["a", "b"]));
    await store().report(home, "y", NOW, group(["b", "c'\u00e9"]));
    const ask = (...members: readonly string[]) => store().holding(home, "alertmanager", "m", members);
    expect(await ask("b", "c'\u00e9", "z")).toEqual([
      { id: "x", members: ["b"] },
      { id: "y", members: ["b", "c'\u00e9"] },
    ]);
    await store().report(home, "x", NOW, group(["a"], ["b"]));
    expect(await ask("b")).toEqual([{ id: "y", members: ["b"] }]);
    const many = Array.from({ length: 150 }, (_, at) => `m${1_000 + at}`);
    await store().report(home, "z", NOW, group(many));
    expect(await ask(...many, ...many)).toEqual([{ id: "z", members: many }]);
    expect([await ask(), await store().holding(home, "grafana", "m", ["b"])]).toEqual([[], []]);
  });

  it("forgets what is long over, and nothing that fires", async () => {
    const home = HOME + 5;
    await store().report(home, "over", NOW, told("resolved"));
    await store().report(home, "burning", NOW, told("fired"));
    await store().report(home, "lately", (NOW + HOUR) as Instant, told("resolved"));
    await store().forgetQuiet((NOW + 1) as Instant);
    const left = await Promise.all(["over", "burning", "lately"].map((id) => store().alert(home, id)));
    expect(left.map((one) => one?.id ?? null)).toEqual([null, "burning", "lately"]);
  });
}

function keepsPagePromises(pages: () => PageStore): void {
  it("is known by incident, oldest first, one line for each page and channel", async () => {
    const later = { ...SENT, channel: "better-stack", since: (SENT.since + 1) as Instant } as const;
    await pages().saveSentPage(2 ** 40, 7, later);
    await pages().saveSentPage(2 ** 40, 7, SENT);
    await pages().saveSentPage(2 ** 40, 8, SENT);
    const sent = { ...SENT, state: "sent", why: "", externalId: "42", triedAt: (SENT.since + 9) as Instant } as const;
    await pages().saveSentPage(2 ** 40, 7, sent);
    expect(await pages().sentPages(2 ** 40, 7)).toEqual([sent, later]);
    expect(await pages().sentPages(2 ** 40, 9)).toEqual([]);
  });
}
