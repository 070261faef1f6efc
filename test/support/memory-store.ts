import { keyId } from "../../src/core/key.ts";
import type { Instant, Key, Reference, Repository, Standing } from "../../src/core/model.ts";
import type { IndexStore, KnownIncident, KnownRepository, LinkKind } from "../../src/store/index-store.ts";
import type { KnownRequest, KnownThread, ThreadStore } from "../../src/store/thread-store.ts";
import { MemoryAlerts } from "./memory-alerts.ts";
import { MemoryPages } from "./memory-pages.ts";

const REMEMBERED_MS = 7 * 86_400_000;

type Link = {
  repositoryId: number;
  incident: number;
  kind: LinkKind;
  repository: string;
  number: number;
  standing: Standing;
};

/** All that is kept between passes, in memory. Held to the real stores by test/contract/store.contract.ts. */
export class MemoryStore {
  readonly index = new MemoryIndex();
  readonly threads = new MemoryThreads(this.index);
  readonly alerts = new MemoryAlerts();
  readonly pages = new MemoryPages();

  constructor() {
    this.index.whenForgotten = (id) => {
      this.threads.forgetRepository(id);
      this.alerts.forgetRepository(id);
      this.pages.forgetRepository(id);
    };
  }
}

/** The index in memory. */
export class MemoryIndex implements IndexStore {
  /** Called with the id of a repository that is forgotten: what else hangs on it goes, too. */
  whenForgotten: (id: number) => void = () => {};
  readonly #repositories = new Map<number, KnownRepository>();
  readonly #named = new Map<string, number>();
  readonly #incidents = new Map<string, KnownIncident>();
  #links: Link[] = [];
  #deliveriesSweptAt: Instant | null = null;
  readonly #changesReadUntil = new Map<number, Instant>();

  async repository(id: number) {
    return this.#repositories.get(id) ?? null;
  }

  async repositoryByName(fullName: string) {
    // A repository renamed while we did not look may still hold the name: the one seen last has it now.
    const all = [...this.#repositories.values()];
    return all.findLast(({ repository: { owner, name } }) => same(`${owner}/${name}`, fullName)) ?? null;
  }

  async firstNamed(fullName: string) {
    return this.#named.get(fullName.toLowerCase()) ?? null;
  }

  async repositories(installationId?: number) {
    const all = [...this.#repositories.values()].toSorted((a, b) => a.repository.id - b.repository.id);
    return all.filter((one) => installationId === undefined || one.repository.installationId === installationId);
  }

  async repositoriesOfChannel(channels: readonly string[], most: number) {
    const all = [...this.#repositories.values()].filter(
      ({ slackChannel }) => slackChannel !== null && channels.includes(slackChannel),
    );
    return all.toSorted((a, b) => a.repository.id - b.repository.id).slice(0, most);
  }

  async sweepStates(installationId: number) {
    const open = new Map<number, number>();
    for (const { repositoryId, open: isOpen } of this.#incidents.values()) {
      if (isOpen) open.set(repositoryId, (open.get(repositoryId) ?? 0) + 1);
    }
    const known = await this.repositories(installationId);
    return known.map(({ repository, sweptAt }) => ({
      repository,
      sweptAt,
      openIncidents: open.get(repository.id) ?? 0,
    }));
  }

  async saveRepository(repository: Repository, fields: Partial<Omit<KnownRepository, "repository">>) {
    const known = this.#repositories.get(repository.id) ?? {
      repository,
      severityLabels: null,
      postMortemLabel: null,
      lastGoodPolicy: null,
      policyState: null,
      policyReadAt: null,
      sweptAt: null,
      labelsReadyFor: null,
      isPrivate: null,
      slackChannel: null,
    };
    // The one seen last stands last.
    this.#repositories.delete(repository.id);
    this.#repositories.set(repository.id, { ...known, ...fields, repository });
    const name = `${repository.owner}/${repository.name}`.toLowerCase();
    if (!this.#named.has(name)) this.#named.set(name, repository.id);
    const [was, is] = [known.repository, repository].map(({ owner, name }) => `${owner}/${name}`) as [string, string];
    if (same(was, is)) return;
    const isThere = (link: Link) =>
      this.#links.some(
        (other) =>
          other.repositoryId === link.repositoryId &&
          other.incident === link.incident &&
          other.kind === link.kind &&
          other.number === link.number &&
          same(other.repository, is),
      );
    this.#links = this.#links
      .filter((link) => !same(link.repository, was) || !isThere(link))
      .map((link) => (same(link.repository, was) ? { ...link, repository: is } : link));
  }

  async forgetRepository(id: number) {
    this.#repositories.delete(id);
    for (const [key, incident] of this.#incidents) if (incident.repositoryId === id) this.#incidents.delete(key);
    this.#links = this.#links.filter((link) => link.repositoryId !== id);
    this.whenForgotten(id);
  }

  async incident(repositoryId: number, number: number) {
    return this.#incidents.get(`${repositoryId}#${number}`) ?? null;
  }

  async openIncidents(repositoryId: number) {
    const own = [...this.#incidents.values()].filter((one) => one.repositoryId === repositoryId && one.open);
    return own.toSorted((a, b) => a.number - b.number);
  }

  async saveIncident(
    repositoryId: number,
    number: number,
    fields: Partial<Omit<KnownIncident, "repositoryId" | "number">>,
  ) {
    const known = this.#incidents.get(`${repositoryId}#${number}`) ?? {
      repositoryId,
      number,
      recordRevision: 0,
      record: null,
      statusCommentId: null,
      open: true,
      verdict: null,
    };
    this.#incidents.set(`${repositoryId}#${number}`, { ...known, ...fields });
  }

  async saveRecord(
    repositoryId: number,
    number: number,
    over: number,
    fields: Partial<Omit<KnownIncident, "repositoryId" | "number">>,
  ) {
    const known = this.#incidents.get(`${repositoryId}#${number}`);
    if (known !== undefined && known.recordRevision !== over) return false;
    await this.saveIncident(repositoryId, number, fields);
    return true;
  }

  async forgetIncident(repositoryId: number, number: number) {
    this.#incidents.delete(`${repositoryId}#${number}`);
    this.#links = this.#links.filter((link) => link.repositoryId !== repositoryId || link.incident !== number);
  }

  async linksFrom(repositoryId: number, incident: number, kind?: LinkKind) {
    const links = this.#links.filter((link) => link.repositoryId === repositoryId && link.incident === incident);
    return links
      .filter((link) => kind === undefined || link.kind === kind)
      .map((link): Reference & { kind: LinkKind; standing: Standing } => ({
        kind: link.kind,
        repository: link.repository,
        number: link.number,
        standing: link.standing,
      }));
  }

  async linksTo(targetRepository: string, target: number, kind?: LinkKind) {
    return this.#links
      .filter((link) => same(link.repository, targetRepository) && link.number === target)
      .filter((link) => kind === undefined || link.kind === kind)
      .map(({ repositoryId, incident, kind: known, standing }) => ({ repositoryId, incident, kind: known, standing }));
  }

  async linksOutOf({ id, owner, name }: Repository, kind: LinkKind) {
    const found = this.#links.filter(
      (link) => link.repositoryId === id && link.kind === kind && !same(link.repository, `${owner}/${name}`),
    );
    const each = new Map(
      found.map(({ repository, number }) => [`${repository.toLowerCase()}#${number}`, { repository, number }]),
    );
    return [...each.values()].toReversed().slice(0, 500);
  }

  async linksInto({ id, owner, name }: Repository, kind: LinkKind) {
    const found = this.#links.filter(
      (link) => same(link.repository, `${owner}/${name}`) && link.kind === kind && link.repositoryId !== id,
    );
    const each = new Map(
      found.map(({ repositoryId, incident }) => [`${repositoryId}#${incident}`, { repositoryId, incident }]),
    );
    return [...each.values()].toReversed().slice(0, 500);
  }

  async addLink(
    repositoryId: number,
    incident: number,
    kind: LinkKind,
    repository: string,
    number: number,
    standing?: Standing,
  ) {
    const known = this.#links.find(
      (link) =>
        link.repositoryId === repositoryId &&
        link.incident === incident &&
        link.kind === kind &&
        same(link.repository, repository) &&
        link.number === number,
    );
    if (known === undefined) {
      this.#links.push({ repositoryId, incident, kind, repository, number, standing: standing ?? "untold" });
    } else known.standing = standing ?? known.standing;
  }

  async removeLink(repositoryId: number, incident: number, kind: LinkKind, repository: string, number: number) {
    this.#links = this.#links.filter(
      (link) =>
        !(
          link.repositoryId === repositoryId &&
          link.incident === incident &&
          link.kind === kind &&
          same(link.repository, repository) &&
          link.number === number
        ),
    );
  }

  async changesReadUntil(installationId: number) {
    return this.#changesReadUntil.get(installationId) ?? null;
  }

  async saveChangesReadUntil(installationId: number, until: Instant) {
    this.#changesReadUntil.set(installationId, until);
  }

  async deliveriesSweptAt() {
    return this.#deliveriesSweptAt;
  }

  async saveDeliveriesSweptAt(at: Instant) {
    this.#deliveriesSweptAt = at;
  }
}

/** What is remembered for Slack, in memory, beside an index of its incidents. */
export class MemoryThreads implements ThreadStore {
  readonly #index: Pick<IndexStore, "incident">;
  readonly #threads = new Map<string, KnownThread>();
  readonly #channels = new Map<string, string | null>();
  readonly #requests = new Map<string, KnownRequest & { readonly closed: boolean }>();
  readonly #announced = new Map<string, { readonly author: string; readonly at: Instant }>();

  constructor(index: Pick<IndexStore, "incident">) {
    this.#index = index;
  }

  forgetRepository(repositoryId: number): void {
    for (const kept of [this.#threads, this.#channels, this.#announced]) {
      for (const id of kept.keys()) if (id.startsWith(`${repositoryId}#`)) kept.delete(id);
    }
    for (const [id, one] of this.#requests) if (one.repositoryId === repositoryId) this.#requests.delete(id);
  }

  /** Of open incidents, by repository and number. */
  async #open(): Promise<
    readonly { readonly id: string; readonly repositoryId: number; readonly thread: KnownThread }[]
  > {
    const all = [...this.#threads].map(([id, thread]) => {
      const [repositoryId, number] = id.split("#").map(Number) as [number, number];
      return { id, repositoryId, number, thread };
    });
    const states = await Promise.all(
      all.map(async ({ repositoryId, number }) => (await this.#index.incident(repositoryId, number))?.open ?? false),
    );
    return all.filter((_, at) => states[at]).toSorted((a, b) => a.repositoryId - b.repositoryId || a.number - b.number);
  }

  async thread(repositoryId: number, number: number) {
    return this.#threads.get(`${repositoryId}#${number}`) ?? null;
  }

  async openThreads(repositoryId: number) {
    const open = await this.#open();
    return open.flatMap((one) => (one.repositoryId === repositoryId ? [one.thread] : []));
  }

  async openThreadsIn(channel: string, most: number) {
    const isOutsiders = (id: string) => Number(this.#announced.has(id));
    const open = (await this.#open()).filter(({ id }) => this.#channels.get(id) === channel);
    return open
      .toSorted((a, b) => isOutsiders(a.id) - isOutsiders(b.id))
      .slice(0, most)
      .map(({ repositoryId, thread }) => ({ ...thread, repositoryId }));
  }

  async saveThreadView(repositoryId: number, number: number, view: string) {
    const known = await this.thread(repositoryId, number);
    this.#threads.set(`${repositoryId}#${number}`, { sent: null, revision: 0, ...known, view });
  }

  async saveThreadSent(repositoryId: number, number: number, over: number, sent: string, channel: string | null) {
    const known = await this.thread(repositoryId, number);
    if ((known?.revision ?? over) !== over) return false;
    this.#threads.set(`${repositoryId}#${number}`, { view: null, ...known, sent, revision: over + 1 });
    this.#channels.set(`${repositoryId}#${number}`, channel);
    return true;
  }

  async reserveAnnouncement(
    repositoryId: number,
    number: number,
    author: string,
    at: Instant,
    most: { readonly ofAuthor: number; readonly ofRepository: number },
  ) {
    const id = `${repositoryId}#${number}`;
    const others = [...this.#announced].filter(
      ([other, one]) => other !== id && other.startsWith(`${repositoryId}#`) && one.at > at - 3_600_000,
    );
    const own = others.filter(([, one]) => one.author === author.toLowerCase());
    if (own.length >= most.ofAuthor || others.length >= most.ofRepository) return false;
    this.#announced.set(id, { at, ...this.#announced.get(id), author: author.toLowerCase() });
    return true;
  }

  async addRequest(request: Omit<KnownRequest, "answer">) {
    for (const [id, { at }] of this.#requests) if (at < request.at - REMEMBERED_MS) this.#requests.delete(id);
    if (this.#requests.has(request.id)) return false;
    this.#requests.set(request.id, { ...request, answer: null, closed: false });
    return true;
  }

  async request(id: string) {
    const found = this.#requests.get(id);
    return found === undefined || found.closed ? null : found;
  }

  async requests(repositoryId: number, number: number | null) {
    const all = [...this.#requests.values()];
    return all
      .filter((one) => one.repositoryId === repositoryId && one.number === number && !one.closed)
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  async answerRequest(id: string, answer: string) {
    const found = this.#requests.get(id);
    if (found !== undefined) this.#requests.set(id, { ...found, answer });
  }

  async closeRequest(id: string) {
    const found = this.#requests.get(id);
    if (found !== undefined) this.#requests.set(id, { ...found, closed: true, answer: null, body: "" });
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Keys that wait and timers that run, by identity: the queue's promises without its machinery. */
export class MemoryQueue {
  readonly waiting = new Map<string, Key>();
  readonly timers = new Map<string, { readonly key: Key; readonly at: Instant }>();

  add(keys: readonly Key[]): void {
    for (const key of keys) this.waiting.set(keyId(key), key);
  }

  lookAgainAt(key: Key, at: Instant | null): void {
    if (at === null) this.timers.delete(keyId(key));
    else this.timers.set(keyId(key), { key, at });
  }

  take(): Key | null {
    const next = this.waiting.entries().next();
    if (next.done === true) return null;
    this.waiting.delete(next.value[0]);
    return next.value[1];
  }

  /** The moment of the next timer; `null`: none runs. */
  nextTimer(): Instant | null {
    const moments = [...this.timers.values()].map((timer) => timer.at);
    return moments.length === 0 ? null : (Math.min(...moments) as Instant);
  }

  /** Timers due by `now` become waiting keys. */
  fire(now: Instant): void {
    for (const [id, timer] of this.timers) {
      if (timer.at > now) continue;
      this.timers.delete(id);
      this.waiting.set(id, timer.key);
    }
  }
}
