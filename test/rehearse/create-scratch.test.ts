import { describe, expect, it } from "@jest/globals";
import { TerminalError } from "../../src/base/errors.ts";
import type { Answer } from "../../src/rehearse/answer.ts";
import { createScratch } from "../../src/rehearse/create-scratch.ts";
import { mergeWhenReady } from "../../src/rehearse/merge-when-ready.ts";
import { playStory } from "../../src/rehearse/play-story.ts";
import type { PersonProbe } from "../../src/rehearse/probe.ts";
import { closingReferencesProbe } from "../../src/rehearse/probes/closing-references.ts";
import { deliveriesProbe } from "../../src/rehearse/probes/deliveries.ts";
import { lockedIssueProbe } from "../../src/rehearse/probes/locked-issue.ts";
import { rulesetSourceProbe } from "../../src/rehearse/probes/ruleset-source.ts";
import { RehearsalOverError } from "../../src/rehearse/rehearsal-over-error.ts";
import { runRehearsal } from "../../src/rehearse/run-rehearsal.ts";
import { movingPace } from "../support/moving-pace.ts";
import { MARK, scratchPlace } from "../support/scratch-place.ts";

const ok = (data: unknown = {}, status = 200): Answer => ({ status, headers: {}, data });

type Given = Readonly<Record<string, unknown>>;

/** A scratch repository on a clock that waiting moves; what no rule answers is `{}`. */
function scratchOf(rules: Readonly<Record<string, (given: Given) => Answer>> = {}, withApp = false) {
  const asked: { route: string; at: number }[] = [];
  const { pace, stop, begun, now } = movingPace();
  pace.beginPart(500, 600_000, stop.signal);
  const ask = async (route: string, given: Given) => {
    asked.push({ route: route.replace("/repos/{owner}/{repo}", ""), at: now() });
    return rules[route.replace("/repos/{owner}/{repo}", "")]?.(given) ?? ok();
  };
  const scratch = createScratch({
    ...scratchPlace(),
    pace,
    person: ask,
    app: withApp ? { appId: 4, botLogin: "sevgate[bot]", installation: ask, whole: ask } : null,
    patienceMs: 10_000,
    say: () => {},
  });
  return { scratch, pace, asked, stop, begun, now, routes: () => asked.map(({ route }) => route) };
}

describe("in a scratch repository", () => {
  it.each(["POST /x", "PUT /x", "PATCH /x", "DELETE /x"])("a second lies between two of %s", async (route) => {
    const { scratch, asked, begun } = scratchOf();
    await scratch.person.ask(route);
    await scratch.person.ask("GET /x");
    await scratch.person.ask(route);
    expect(asked.map(({ at }) => at - begun)).toEqual([0, 0, 1_000]);
  });

  it("mutations are writes, too, and queries are not", async () => {
    const { scratch, asked, begun } = scratchOf();
    for (const document of ["mutation { x }", "query { x }", "mutation { x }"]) await scratch.person.graphql(document);
    expect(asked.map(({ at }) => at - begun)).toEqual([0, 0, 1_000]);
  });

  it("Sevgate is waited for as long as patience says, and no longer", async () => {
    const { scratch, begun, now } = scratchOf();
    expect(await scratch.until("it", async () => null)).toBeNull();
    expect(now() - begun).toBeGreaterThanOrEqual(10_000);
    expect(now() - begun).toBeLessThanOrEqual(12_000);
  });

  it.each([405, 409])(
    "a merge that is refused with %i, as GitHub is not ready, is tried again, five times at most",
    async (status) => {
      let refusals = 2;
      const merge = "PUT /pulls/{pull_number}/merge";
      const ready = scratchOf({ [merge]: () => ok({}, refusals-- > 0 ? status : 200) });
      expect(await mergeWhenReady(ready.scratch, 1)).toMatchObject({ status: 200 });
      expect(ready.asked).toHaveLength(3);
      const never = scratchOf({ [merge]: () => ok({}, status) });
      expect(await mergeWhenReady(never.scratch, 1)).toMatchObject({ status });
      expect(never.asked).toHaveLength(5);
    },
  );

  it("an issue that was locked for a trial is unlocked again, whatever happens in between", async () => {
    const { scratch, routes } = scratchOf(
      {
        "POST /issues": () => ok({ number: 3 }, 201),
        "PATCH /issues/comments/{comment_id}": () => {
          throw new TerminalError("It has moved.");
        },
      },
      true,
    );
    await expect(lockedIssueProbe.run(scratch, scratch.app!)).rejects.toThrow("moved");
    expect(routes().at(-1)).toBe("DELETE /issues/{issue_number}/lock");
  });

  it("a ruleset that was made for a trial is gone again at once", async () => {
    const { scratch, routes } = scratchOf(
      {
        "PUT /contents/{path}": () => ok({ commit: { sha: "1" } }),
        "POST /rulesets": () => ok({ id: 9 }, 201),
      },
      true,
    );
    await rulesetSourceProbe.run(scratch, scratch.app!);
    expect(routes().at(-1)).toBe("DELETE /rulesets/{ruleset_id}");
  });

  it("a link that is gone after a second is not waited for any longer", async () => {
    let isLinked = true;
    const nodes = () => (isLinked ? [{ number: 3 }] : []);
    const { scratch, begun, now } = scratchOf({
      "POST /issues": () => ok({ number: 3 }, 201),
      "PUT /contents/{path}": () => ok({ commit: { sha: "1" } }),
      "POST /pulls": () => ok({ number: 4 }, 201),
      "PATCH /pulls/{pull_number}": () => {
        isLinked = false;
        return ok();
      },
      "POST /graphql": () =>
        ok({ data: { repository: { pullRequest: { closingIssuesReferences: { nodes: nodes() } } } } }),
    });
    expect(await closingReferencesProbe.run(scratch)).toContainEqual(
      expect.objectContaining({ assumption: "A-089", seen: "the link was gone after 1 s" }),
    );
    // Five writes, and that second.
    expect(now() - begun).toBeLessThan(8_000);
  });

  it("only webhooks about it are looked at, and none from before", async () => {
    const delivered = (id: number, after: number, repository_id: number | null) => ({
      id,
      repository_id,
      event: "issues",
      delivered_at: new Date(1_000_000 + after).toISOString(),
    });
    const list = [
      delivered(1, 5_000, 7),
      delivered(2, 4_000, 8),
      // Nobody says of which repository it is: its payload does.
      delivered(3, 3_000, null),
      delivered(4, -60_000, 7),
    ];
    const names = new Map([
      [1, "Acme/Sevgate-Scratch"],
      [3, "acme/payments"],
    ]);
    const looked: unknown[] = [];
    const { scratch } = scratchOf(
      {
        "GET /app/hook/deliveries": () => ok(list),
        "GET /app/hook/deliveries/{delivery_id}": ({ delivery_id }) => {
          looked.push(delivery_id);
          const full_name = names.get(Number(delivery_id));
          return ok({ event: "issues", status_code: 202, request: { payload: { repository: { full_name } } } });
        },
      },
      true,
    );
    await deliveriesProbe.run(scratch, scratch.app!);
    expect(looked).toEqual([3, 1]);
    expect(scratch.story.webhooks).toHaveLength(1);
  });
});

describe("the story of a rehearsal", () => {
  it("replaces no file that has come there meanwhile, and merges and edits nothing then", async () => {
    const sent: Given[] = [];
    const { scratch, routes } = scratchOf({
      "GET /contents/{path}": () => ok({ sha: "of-somebody" }),
      "PUT /contents/{path}": (given) => {
        sent.push(given);
        return ok({ message: `Invalid request. "sha" wasn't supplied.` }, 422);
      },
    });
    await playStory(scratch);
    expect(sent.map(({ sha }) => sha)).toEqual([undefined]);
    expect(scratch.story.steps).toEqual([{ id: "labels", ms: null, seen: expect.stringContaining("422") }]);
    expect(routes().filter((route) => !route.startsWith("GET "))).toEqual(["PUT /contents/{path}"]);
  });
});

describe("a rehearsal", () => {
  const probe = (run: PersonProbe["run"]): PersonProbe => ({
    id: "T-7",
    title: "x",
    assumptions: ["A-072"],
    needs: "person",
    run,
  });
  const parts = (made: ReturnType<typeof scratchOf>, run: PersonProbe["run"]) => ({
    scratch: made.scratch,
    pace: made.pace,
    host: "api.github.com",
    withoutAppBecause: null,
    labelsBefore: new Set<string>(),
    keep: false,
    stopCleanUp: new AbortController().signal,
    say: () => {},
    probes: [probe(run)],
  });
  const there = { "GET ": () => ok({ id: 7, full_name: "acme/sevgate-scratch" }) };

  it("goes on after a probe whose request has moved, and calls that unclear", async () => {
    const made = scratchOf(there);
    const report = await runRehearsal(
      parts(made, async () => {
        throw new TerminalError("It has moved.");
      }),
    );
    expect(report.probes[0]?.findings).toEqual([{ assumption: "A-072", verdict: "unclear", seen: "It has moved." }]);
    expect(report.endedBecause).toBeNull();
  });

  it("leaves things as they are when somebody stops the clean-up, too, and says how to take them away", async () => {
    const made = scratchOf(there);
    const stopCleanUp = AbortSignal.abort();
    const whole = parts(made, async () => []);
    const report = await runRehearsal({ ...whole, stopCleanUp });
    expect(report.cleanUp.done).toEqual([]);
    expect(report.cleanUp.left).toEqual([
      expect.stringMatching(/you stopped it: run sevgate rehearse --clean-up acme\/sevgate-scratch$/),
    ]);
  });

  it("cleans up with time of its own after somebody stopped it, and says so", async () => {
    const made = scratchOf({
      ...there,
      "GET /branches": () => ok([{ name: `${MARK}-pool` }]),
    });
    const report = await runRehearsal(
      parts(made, async () => {
        made.stop.abort();
        await made.scratch.person.ask("GET /x");
        throw new RehearsalOverError("not reached");
      }),
    );
    expect(report.endedBecause).toBe("you stopped it");
    expect(report.cleanUp.done).toEqual(["deleted 1 branch"]);
  });
});
