import type { IncomingMessage } from "node:http";
import { type Answer, json, unavailable } from "../../base/answer.ts";

/** Why a body was not accepted. */
export type BodyFailure = "too-large" | "too-slow" | "too-many" | "aborted";

/** Reads the bodies of requests, within limits for each and for all of them together. */
export interface BodyReader {
  /** @param most bytes */
  read(request: IncomingMessage, most: number): Promise<Buffer | BodyFailure>;
}

/** Makes a reader. The sender has proven nothing yet. */
export function createBodyReader(limits: {
  /** All bodies being read at the same time. */
  readonly maxBufferedBytes: number;
  readonly bodyTimeoutMs: number;
}): BodyReader {
  let bufferedBytes = 0;
  return {
    read(request, most) {
      const announced = Number(request.headers["content-length"] ?? 0);
      if (announced > most) return Promise.resolve("too-large");
      return new Promise((done) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const timer = setTimeout(() => finish("too-slow"), limits.bodyTimeoutMs);
        function finish(result: Buffer | BodyFailure): void {
          clearTimeout(timer);
          request.off("data", onData);
          bufferedBytes -= size;
          size = 0;
          chunks.length = 0;
          done(result);
        }
        function onData(chunk: Buffer): void {
          size += chunk.length;
          bufferedBytes += chunk.length;
          chunks.push(chunk);
          if (size > most) finish("too-large");
          else if (bufferedBytes > limits.maxBufferedBytes) finish("too-many");
        }
        request.on("data", onData);
        request.once("end", () => finish(Buffer.concat(chunks)));
        request.once("close", () => finish("aborted"));
        request.once("error", () => finish("aborted"));
      });
    },
  };
}

/** What the sender is told. */
export function bodyRefusal(why: BodyFailure, most: number): Answer {
  switch (why) {
    case "too-large":
      return json(413, `The body is larger than ${most} bytes.`);
    case "too-many":
      return unavailable("Too many deliveries at once. Send the delivery again later.");
    default:
      return json(408, "The body did not arrive in time.");
  }
}
