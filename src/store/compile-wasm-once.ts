import { setFlagsFromString } from "node:v8";

/**
 * Has WebAssembly compiled once, by V8's baseline compiler, for the whole process; call it before anything is compiled.
 *
 * Otherwise V8 compiles again what runs often, with its optimizing compiler. PostgreSQL's functions are so large that this
 * takes several hundred megabytes and minutes of processor time after each start (docs/decisions/0014-wasm-compiled-once.md).
 *
 * V8: "enable tier up to the optimizing compiler", "enable dynamic tier up" (`node --v8-options`), both off.
 */
export function compileWasmOnce(): void {
  for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);
}
