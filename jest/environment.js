import { setTimeout as delay } from "node:timers/promises";
import { ModernFakeTimers } from "@jest/fake-timers";
import { ModuleMocker } from "jest-mock";

/** What is being closed may take this long, ms. */
const CLOSING_MS = 60_000;
const LOOK_MS = 20;

/** What a file can leave open. Jest's own pipes and terminal come and go. */
const LASTING = ["Timeout", "TCPServerWrap", "TCPSocketWrap", "PipeServerWrap", "ProcessWrap"];

/** What Jest itself always has open in this process, by type. */
let ofJest = null;

/**
 * Node as it is, where Jest's own environment makes a world of its own for each file of tests (runtime.js says why).
 * What a file changes of it for Jest is put back. A file fails that leaves something open, or a rejection unhandled:
 * the files after it would run beside that.
 */
export default class NativeEnvironment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  #before = { console: globalThis.console, exit: process.exit };

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {
    const open = openNow();
    ofJest = ofJest === null ? open : without(open, without(open, ofJest));
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    const unhandled = [];
    const keep = (error) => unhandled.push(error);
    process.on("unhandledRejection", keep);
    process.on("uncaughtException", keep);
    const open = await this.#leftOpen();
    process.off("unhandledRejection", keep);
    process.off("uncaughtException", keep);
    globalThis.console = this.#before.console;
    process.exit = this.#before.exit;
    if (unhandled.length > 0) throw unhandled[0];
    ofJest.push(...open);
    if (open.length > 0) throw new Error(`left open after the last test of the file: ${open.join(", ")}`);
  }

  async #leftOpen() {
    const until = performance.now() + CLOSING_MS;
    for (;;) {
      await delay(0);
      const open = without(openNow(), ofJest);
      if (open.length === 0 || performance.now() > until) return open;
      await delay(LOOK_MS);
    }
  }

  exportConditions() {
    return ["node", "node-addons"];
  }

  /** Nothing is run in a context of its own. */
  getVmContext() {
    return null;
  }
}

function openNow() {
  return process.getActiveResourcesInfo().filter((type) => LASTING.includes(type));
}

/** What is in `all` more often than in `known`. */
function without(all, known) {
  const left = [...known];
  return all.filter((one) => {
    const at = left.indexOf(one);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}
