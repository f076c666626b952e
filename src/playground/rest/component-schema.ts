import type { APIMessageTopLevelComponent } from "discord-api-types/v10";
import { z } from "zod";
import { addError, choice, list, snowflake, text } from "./forms.ts";

/** components/reference. Keys that are not named here pass as they are. */
const customId = text({ min: 1, max: 100 });

const fieldsOfLink = ["url", "custom_id"] as const;
const fieldsOfButton = ["custom_id", "url"] as const;

const button = z
  .looseObject({
    type: z.literal(2),
    style: choice(1, 2, 3, 4, 5, 6),
    label: text({ max: 80 }).nullish(),
    custom_id: customId.nullish(),
    url: text({ max: 512 }).nullish(),
    disabled: z.boolean().nullish(),
  })
  .superRefine((value, context) => {
    const [field, other] = value.style === 5 ? fieldsOfLink : fieldsOfButton;
    if (value.style === 6) return;
    if (value[field] == null)
      addError(context, { code: "BASE_TYPE_REQUIRED", message: "This field is required" }, [field]);
    if (value[other] != null)
      addError(context, {
        code: "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
        message: "A custom id and url cannot both be specified",
      });
  });

const selectOption = z.looseObject({
  label: text({ min: 1, max: 100 }),
  value: text({ min: 1, max: 100 }),
  description: text({ max: 100 }).nullish(),
});

const anySelect = {
  custom_id: customId,
  placeholder: text({ max: 150 }).nullish(),
  min_values: z.number().int().min(0).max(25).nullish(),
  max_values: z.number().int().min(1).max(25).nullish(),
  disabled: z.boolean().nullish(),
};

const select = z
  .looseObject({
    ...anySelect,
    type: z.literal(3),
    options: list(selectOption, { min: 1, max: 25 }),
  })
  .superRefine(({ options }, context) => {
    const values = options.map(({ value }) => value);
    if (new Set(values).size < values.length)
      addError(
        context,
        {
          code: "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
          message: "The specified option value is already used",
        },
        ["options"],
      );
  });

/** Which kinds of things a select of each type may show as chosen. */
const shownAsChosen: Readonly<Record<number, readonly string[]>> = {
  5: ["user"],
  6: ["role"],
  7: ["user", "role"],
  8: ["channel"],
};

/** Users, roles, mentionables and channels. */
const entitySelect = z
  .looseObject({
    ...anySelect,
    type: choice(5, 6, 7, 8),
    channel_types: z.array(z.number().int()).nullish(),
    default_values: z
      .array(z.looseObject({ id: snowflake, type: choice("user", "role", "channel") }))
      .nullish(),
  })
  .superRefine((component, context) => {
    const { default_values: chosen, max_values: most, min_values: least, type } = component;
    checkChosen(chosen ?? [], context, { type, least: least ?? 1, most: most ?? 1 });
  });

interface Chosen {
  readonly type: string;
}

interface ChoosingSelect {
  readonly type: number;
  readonly least: number;
  readonly most: number;
}

function checkChosen(
  chosen: readonly Chosen[],
  context: z.RefinementCtx,
  { least, most, type }: ChoosingSelect,
): void {
  if (chosen.length > 0 && (chosen.length < least || chosen.length > most))
    addError(
      context,
      { code: "BASE_TYPE_BAD_LENGTH", message: `Must be between ${least} and ${most} in length.` },
      ["default_values"],
    );
  const kinds = shownAsChosen[type] ?? [];
  for (const [index, value] of chosen.entries())
    if (!kinds.includes(value.type))
      addError(
        context,
        { code: "BASE_TYPE_CHOICES", message: `Value must be one of {${kinds.join(", ")}}.` },
        ["default_values", index, "type"],
      );
}

const rowChild = byType({
  2: button,
  3: select,
  5: entitySelect,
  6: entitySelect,
  7: entitySelect,
  8: entitySelect,
});

/** Up to five buttons, or one select. */
const row = z
  .looseObject({ type: z.literal(1), components: list(rowChild, { min: 1, max: 5 }) })
  .superRefine(({ components }, context) => {
    if (components.length === 1 || components.every(({ type }) => type === 2)) return;
    addError(
      context,
      {
        code: "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
        message: "The specified component exceeds the maximum width",
      },
      ["components"],
    );
  });

const textDisplay = z.looseObject({ type: z.literal(10), content: text({ min: 1, max: 4000 }) });

const other = z.looseObject({ type: z.number() });

const textInput = z.looseObject({
  type: z.literal(4),
  custom_id: customId,
  style: choice(1, 2),
  label: text({ max: 45 }).nullish(),
  min_length: z.number().int().min(0).max(4000).nullish(),
  max_length: z.number().int().min(1).max(4000).nullish(),
  value: text({ max: 4000 }).nullish(),
  placeholder: text({ max: 100 }).nullish(),
  required: z.boolean().nullish(),
});

const modalRow = z.looseObject({
  type: z.literal(1),
  components: list(byType({ 4: textInput }), { min: 1, max: 1 }),
});

const label = z.looseObject({
  type: z.literal(18),
  label: text({ min: 1, max: 45 }),
  description: text({ max: 100 }).nullish(),
  component: z.looseObject({ type: z.number(), custom_id: customId }),
});

/** Action rows alone in a plain message; with components v2 also text, sections, containers and such. */
export const componentsSchema: z.ZodType<APIMessageTopLevelComponent[]> = z
  .array(
    byType({
      1: row,
      9: other,
      10: textDisplay,
      11: other,
      12: other,
      13: other,
      14: other,
      17: other,
    }),
  )
  .superRefine((value, context) => checkCustomIds(value, context))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked by the line above
  .transform((value) => value as unknown as APIMessageTopLevelComponent[]);

export const modalSchema = z.object({
  custom_id: customId,
  title: text({ min: 1, max: 45 }),
  components: list(byType({ 1: modalRow, 10: textDisplay, 18: label }), { min: 1, max: 5 }),
});
export type Modal = z.infer<typeof modalSchema>;

export const submittedComponentsSchema = z.array(z.looseObject({ type: z.number() }));

/** A component as it was given: what its type demands is checked, the rest is kept. */
interface AnyComponent {
  type: number;
  [key: string]: unknown;
}

function byType(schemas: Readonly<Record<number, z.ZodType>>): z.ZodType<AnyComponent> {
  return z.looseObject({ type: z.number().int() }).superRefine((value, context) => {
    const schema = schemas[value.type];
    if (schema === undefined) {
      const known = Object.keys(schemas).join(", ");
      addError(
        context,
        { code: "BASE_TYPE_CHOICES", message: `Value must be one of {${known}}.` },
        ["type"],
      );
      return;
    }
    const parsed = schema.safeParse(value, { reportInput: true });
    for (const issue of parsed.error?.issues ?? []) context.addIssue({ ...issue });
  });
}

/** All `custom_id`s of a message differ. */
function checkCustomIds(components: unknown, context: z.RefinementCtx): void {
  const seen = new Set<unknown>();
  for (const id of findCustomIds(components)) {
    if (seen.has(id))
      addError(context, {
        code: "COMPONENT_CUSTOM_ID_DUPLICATED",
        message: "Component custom id cannot be duplicated",
      });
    seen.add(id);
  }
}

function* findCustomIds(value: unknown): Iterable<unknown> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (key === "custom_id") yield child;
    else yield* findCustomIds(child);
  }
}
