import { MemoryAlerts } from "./memory-alerts.ts";
import { MemoryIndex } from "./memory-index.ts";
import { MemoryPages } from "./memory-pages.ts";
import { MemoryThreads } from "./memory-threads.ts";

/** Everything that is kept between passes, in memory. Held to the other engines by test/contract/store.contract.ts. */
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
