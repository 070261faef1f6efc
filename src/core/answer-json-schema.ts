import * as z from "zod";

/** JSON Schema draft-07 of what a command prints, as a file in schema/ has it. @param command such as `sevgate doctor --json` */
export function answerJsonSchema(command: string, answer: z.ZodType): string {
  const schema = z.toJSONSchema(answer, { io: "output", target: "draft-7" });
  return `${JSON.stringify({ title: command, ...schema }, null, 2)}\n`;
}
