import { describe, expect, it } from "@jest/globals";
import { workflowCommand } from "../../../src/run/action/workflow-command.ts";

//
describe("a line for the runner", () => {
  it("is one command, whatever the text holds", () => {
    const line = workflowCommand("error", "Down\r\n::set-output name=x::y\n50%0A::stop-commands::z");
    expect(line.split(/[\r\n]/)).toHaveLength(1);
    expect(line).toMatch(/^::error title=Sevgate::Down /);
    expect(line).toContain("50%250A");
  });
});
