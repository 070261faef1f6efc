import { createRequire } from "node:module";
import vm from "node:vm";

const { TestEnvironment } = createRequire(import.meta.resolve("jest"))("jest-environment-node");

/**
 * Jest's environment for Node, with a global object as V8 makes it. Jest's own is a proxy behind an interceptor: each look
 * at a global (`Map`, `JSON`, `Array.isArray`) takes a hundred times as long, and a third of the time of our tests went
 * there. Each file of tests still has globals of its own.
 */
export default class PlainEnvironment extends TestEnvironment {
  constructor(...given) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...given);
    } finally {
      vm.createContext = createContext;
    }
  }
}
