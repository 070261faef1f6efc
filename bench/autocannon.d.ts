/** The part of autocannon 9 that the benchmark uses; the package has no types. */
declare module "autocannon" {
  interface Request {
    readonly method: "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration: number;
    readonly requests: readonly Request[];
    /** Called for each connection before it sends. */
    readonly setupClient?: (client: Client) => void;
  }
  interface Client {
    /** What this connection sends, in turn, instead of what they all send. */
    setRequests(requests: readonly Request[]): void;
  }
  interface Result {
    readonly requests: { readonly average: number; readonly total: number };
    /** Milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly non2xx: number;
    readonly errors: number;
  }
  interface Run extends Promise<Result> {
    on(event: "response", listener: (client: Client, status: number, bytes: number, tookMs: number) => void): void;
  }
  function autocannon(options: Options): Run;
  export = autocannon;
}
