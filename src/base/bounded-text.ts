import { TerminalError } from "./errors.ts";

/** The answer is longer than we are willing to read. What it would have said is not known. */
export class AnswerTooLongError extends TerminalError {}

/** The whole body of an answer. Throws `AnswerTooLongError` as soon as it is longer than `mostBytes`, and reads no further. */
export async function boundedText(response: Response, mostBytes: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes)
      throw new AnswerTooLongError(`the answer is longer than ${mostBytes} bytes and was not read.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
