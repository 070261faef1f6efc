import type { Instant } from "../core/model.ts";
import type { IndexStore } from "./index-store.ts";
import type { KnownRequest, KnownThread, ThreadStore } from "./thread-store.ts";

const REMEMBERED_MS = 7 * 86_400_000;

/** What is remembered for a chat, in memory, beside an index of its incidents. */
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
