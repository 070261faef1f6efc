import * as z from "zod";

const Id = z.string().regex(/^[\w-]+$/);
const Text = z.string().min(1);
const Validations = z.strictObject({ required: z.boolean().optional() }).optional();
const Options = z
  .array(Text)
  .min(1)
  .refine((options) => new Set(options).size === options.length, "options are distinct")
  .refine((options) => !options.some((option) => option.toLowerCase() === "none"), "`None` is GitHub's own");

const Element = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: Text }) }),
  z.strictObject({
    type: z.literal("textarea"),
    id: Id.optional(),
    attributes: z.strictObject({
      label: Text,
      description: z.string().optional(),
      placeholder: z.string().optional(),
      value: z.string().optional(),
      render: z.string().optional(),
    }),
    validations: Validations,
  }),
  z.strictObject({
    type: z.literal("input"),
    id: Id.optional(),
    attributes: z.strictObject({
      label: Text,
      description: z.string().optional(),
      placeholder: z.string().optional(),
      value: z.string().optional(),
    }),
    validations: Validations,
  }),
  z.strictObject({
    type: z.literal("dropdown"),
    id: Id.optional(),
    attributes: z.strictObject({
      label: Text,
      description: z.string().optional(),
      multiple: z.boolean().optional(),
      options: Options,
      default: z.number().int().nonnegative().optional(),
    }),
    validations: Validations,
  }),
  z.strictObject({
    type: z.literal("checkboxes"),
    id: Id.optional(),
    attributes: z.strictObject({
      label: Text,
      description: z.string().optional(),
      options: z.array(z.strictObject({ label: Text, required: z.boolean().optional() })).min(1),
    }),
    validations: Validations,
  }),
]);

/**
 * An issue form as GitHub accepts it (GitHub docs, "Syntax for issue forms", "Syntax for GitHub's form schema", "Common
 * validation errors when creating issue forms"). One that GitHub does not accept is not shown to anybody.
 */
export const IssueForm = z
  .strictObject({
    name: Text,
    description: Text,
    body: z.array(Element).min(1),
    title: z.string().optional(),
    labels: z.union([z.array(Text), Text]).optional(),
    assignees: z.union([z.array(Text), Text]).optional(),
    projects: z.union([z.array(Text), Text]).optional(),
    type: z.string().optional(),
  })
  .refine(({ body }) => body.some(({ type }) => type !== "markdown"), "a form asks for something")
  .refine(
    ({ body }) => areDistinct(body.flatMap((one) => ("id" in one && one.id !== undefined ? [one.id] : []))),
    "ids",
  )
  .refine(
    ({ body }) => areDistinct(body.flatMap((one) => ("label" in one.attributes ? [one.attributes.label] : []))),
    "labels",
  );

function areDistinct(texts: readonly string[]): boolean {
  return new Set(texts.map((text) => text.toLowerCase())).size === texts.length;
}
