import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A request to a fake, read to its end. */
export interface FakeRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A small third-party system over real HTTP on this machine: JSON in, JSON out. */
export abstract class FakeJsonApi {
  /** Every request, in order, in the form in which the fake notes it. */
  readonly heard: string[] = [];
  /** Answers with this status and does nothing; `null`: it works. */
  fails: number | null = null;
  #server: Server | null = null;

  protected abstract answer(request: FakeRequest): { readonly status: number; readonly answer: unknown };

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const { status, answer } = this.answer({ method, url, headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      });
    });
    this.#server = server;
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
}
