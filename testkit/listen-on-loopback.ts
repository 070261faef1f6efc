import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that listens. */
export interface Listening {
  /** Without a path, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Breaks open connections: nothing is waited for. */
  close(): Promise<void>;
}

/** Makes the server listen on a free loopback port. Throws what listening throws. */
export async function listenOnLoopback(server: Server): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
