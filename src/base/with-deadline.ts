import { TransientError } from "./errors.ts";

/**
 * Waits for `work`, but not longer than `ms`.
 *
 * The work is not stopped, only no longer waited for: it has to be harmless when it ends late.
 *
 * @throws TransientError when the time is up; otherwise what `work` throws
 */
export async function withDeadline<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TransientError(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // There is nobody left to tell about a late failure.
    work.catch(() => {});
  }
}
