import type { Instant, Reference, Repository, Standing } from "../core/model.ts";
import { HOUR_MS } from "../core/time-units.ts";
import {
  type IndexStore,
  type KnownIncident,
  type KnownRepository,
  type LinkKind,
  ONBOARDING_TURNS,
  UNKNOWN_REPOSITORY,
} from "./index-store.ts";

type Link = {
  repositoryId: number;
  incident: number;
  kind: LinkKind;
  repository: string;
  number: number;
  standing: Standing;
};

/** The index in memory. */
export class MemoryIndex implements IndexStore {
  /** Called with the id of a repository that is forgotten: whatever else belongs to it goes, too. */
  whenForgotten: (id: number) => void = () => {};
  readonly #repositories = new Map<number, KnownRepository>();
  readonly #named = new Map<string, number>();
  readonly #incidents = new Map<string, KnownIncident>();
  #links: Link[] = [];
  #deliveriesSweptAt: Instant | null = null;
  readonly #changesReadUntil = new Map<number, Instant>();
  readonly #onboardingTurns = new Map<number, readonly Instant[]>();

  async repository(id: number) {
    return this.#repositories.get(id) ?? null;
  }

  async repositoryByName(fullName: string) {
    // A repository that was renamed while we were not looking may still hold the name: the one seen last has it now.
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
    const known = this.#repositories.get(repository.id) ?? { ...UNKNOWN_REPOSITORY, repository };
    // The one seen last comes last.
    this.#repositories.delete(repository.id);
    const policy = fields.policyHint
      ? { policyReadAt: null }
      : fields.policyReadAt === undefined
        ? {}
        : { policyHint: null };
    this.#repositories.set(repository.id, { ...known, ...fields, ...policy, repository });
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

  async savePolicyRead(repositoryId: number, at: Instant, hint: number | null) {
    const known = this.#repositories.get(repositoryId);
    if (known === undefined || (known.policyHint !== null && known.policyHint !== hint)) return;
    this.#repositories.set(repositoryId, { ...known, policyReadAt: at, policyHint: null });
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

  async takeOnboardingTurn(installationId: number, now: Instant) {
    const taken = (this.#onboardingTurns.get(installationId) ?? []).filter((at) => at > now - HOUR_MS);
    if (taken.length >= ONBOARDING_TURNS) return false;
    this.#onboardingTurns.set(installationId, [...taken, now]);
    return true;
  }

  async deliveriesSweptAt() {
    return this.#deliveriesSweptAt;
  }

  async saveDeliveriesSweptAt(at: Instant) {
    this.#deliveriesSweptAt = at;
  }
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
