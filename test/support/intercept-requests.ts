import { afterAll, beforeAll } from "@jest/globals";
import nock from "nock";

// Importing it takes over all requests of the process, where files of tests follow that know nothing of it.
nock.restore();

/** From here to the end of the file or `describe`, requests come to nock, and go nowhere else but to this machine. */
export function interceptRequests(): void {
  beforeAll(() => {
    nock.activate();
    nock.disableNetConnect();
    nock.enableNetConnect(/^(127\.0\.0\.1|localhost)(:|$)/);
  });
  afterAll(() => {
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
  });
}

export { nock };
