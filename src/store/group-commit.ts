interface Batch<Item> {
  readonly items: Map<string, Item>;
  readonly done: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

/** Anything beyond this goes into the next batch, so that no statement gets large. */
const MAX_ITEMS = 1_000;

/**
 * Writes together what is added while another write is under way, so that many callers share one commit.
 *
 * - A promise resolves once what it added is written, and rejects if that write fails; the next batch is not affected.
 * - Items with the same identity are written once; `merge` combines two of them.
 */
export class GroupCommit<Item> {
  readonly #write: (items: ReadonlyMap<string, Item>) => Promise<void>;
  readonly #merge: (known: Item, added: Item) => Item;
  #waiting: Batch<Item>[] = [];
  #isWriting = false;

  constructor(write: (items: ReadonlyMap<string, Item>) => Promise<void>, merge: (known: Item, added: Item) => Item) {
    this.#write = write;
    this.#merge = merge;
  }

  add(items: ReadonlyMap<string, Item>): Promise<void> {
    if (items.size === 0) return Promise.resolve();
    const batch = this.#open(items.size);
    for (const [id, item] of items) {
      const known = batch.items.get(id);
      batch.items.set(id, known === undefined ? item : this.#merge(known, item));
    }
    if (!this.#isWriting) void this.#drain();
    return batch.done;
  }

  #open(size: number): Batch<Item> {
    const last = this.#waiting.at(-1);
    if (last !== undefined && last.items.size + size <= MAX_ITEMS) return last;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const batch: Batch<Item> = { items: new Map(), done: promise, resolve, reject };
    this.#waiting.push(batch);
    return batch;
  }

  async #drain(): Promise<void> {
    this.#isWriting = true;
    // Whatever arrives in this turn of the event loop still goes into the first batch.
    await new Promise((done) => setImmediate(done));
    for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) {
      try {
        await this.#write(batch.items);
        batch.resolve();
      } catch (error) {
        batch.reject(error);
      }
    }
    this.#isWriting = false;
  }
}
