/*
 * What `@jest/globals` is to the tests. Modules that files of tests share import it once, so each call goes to the file that
 * is being run.
 */

let ofFile = null;

/** From now on these are the globals. */
export function forFile(globals) {
  ofFile = globals;
}

function ofFileRun(name) {
  return new Proxy(() => {}, {
    apply: (_target, _this, given) => ofFile[name](...given),
    get: (_target, key) => ofFile[name][key],
  });
}

export const afterAll = ofFileRun("afterAll");
export const afterEach = ofFileRun("afterEach");
export const beforeAll = ofFileRun("beforeAll");
export const beforeEach = ofFileRun("beforeEach");
export const describe = ofFileRun("describe");
export const expect = ofFileRun("expect");
export const it = ofFileRun("it");
export const jest = ofFileRun("jest");
