import { Session } from "node:inspector";

/** How often the function of this name in the file at `url` is called while `work` runs, whoever calls it. */
export function countCalls(url: string, name: string, work: () => void): number {
  const session = new Session();
  session.connect();
  try {
    session.post("Profiler.enable");
    session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    session.post("Profiler.takePreciseCoverage");
    work();
    let calls = 0;
    session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) throw error;
      const functions = taken.result.find((file) => file.url === url)?.functions ?? [];
      calls = functions.find(({ functionName }) => functionName === name)?.ranges[0]?.count ?? 0;
    });
    return calls;
  } finally {
    session.disconnect();
  }
}
