import { describe, expect, it } from "@jest/globals";
import { isMarkedMessage, isMarkedName, isMarkedTitle, newMark } from "../../src/rehearse/mark.ts";

describe("the mark of a rehearsal", () => {
  it("is found again in titles, names and messages, whatever it is", () => {
    for (let times = 0; times < 200; times += 1) {
      const mark = newMark();
      expect([
        isMarkedTitle(`Revert: A change (${mark})`, mark),
        isMarkedTitle(`A change (${mark}) ttt`),
        isMarkedName(`${mark}-pool`),
        isMarkedName(`${mark}-CASE`.toUpperCase(), mark),
        isMarkedName(`revert-12-${mark}-pool`, mark),
        isMarkedName(mark, mark),
        isMarkedMessage(`Merge pull request #4 from acme/${mark}-pool`),
      ]).toEqual(Array(7).fill(true));
    }
  });

  it("is that of one rehearsal, where one is asked about", () => {
    expect(isMarkedTitle("A change (rehearsal-7zzzzz)", "rehearsal-k3x9z2")).toBe(false);
    expect(isMarkedName("rehearsal-7zzzzz-pool", "rehearsal-k3x9z2")).toBe(false);
  });

  it.each([
    "rehearsal-dinner",
    "rehearsal-feature",
    "rehearsal-202601",
    "rehearsal-week42",
    "rehearsal-mp3z4bc",
    "my-rehearsal-k3x9z2",
    "rehearsal-k3x9z2/../..",
  ])("is not %s, which people may write", (name) => {
    expect([isMarkedName(name), isMarkedTitle(`About ${name}`), isMarkedTitle(`(${name})`)]).toEqual(
      Array(3).fill(false),
    );
  });
});
