import { z } from "zod";
import { addError, choice, lengthOf, list, snowflake, text } from "./forms.ts";

/** interactions/application-commands, "naming". */
const namePattern = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

const localizations = z.record(z.string(), z.string()).nullish();

const slashName = text({ min: 1, max: 32 }).superRefine((name, context) => {
  if (namePattern.test(name) && name === name.toLowerCase()) return;
  addError(context, {
    code: "APPLICATION_COMMAND_INVALID_NAME",
    message: "Command name is invalid",
  });
});

const optionChoice = z.object({
  name: text({ min: 1, max: 100 }),
  name_localizations: localizations,
  value: z.union([z.string().max(100), z.number()]),
});

const optionBase = z.object({
  type: choice(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
  name: slashName,
  name_localizations: localizations,
  description: text({ min: 1, max: 100 }),
  description_localizations: localizations,
  required: z.boolean().nullish(),
  choices: list(optionChoice, { max: 25 }).nullish(),
  autocomplete: z.boolean().nullish(),
  channel_types: z.array(z.number().int()).nullish(),
  min_value: z.number().nullish(),
  max_value: z.number().nullish(),
  min_length: z.number().int().min(0).max(6000).nullish(),
  max_length: z.number().int().min(1).max(6000).nullish(),
});

export interface CommandOption extends z.infer<typeof optionBase> {
  options?: CommandOption[] | null | undefined;
}

const option: z.ZodType<CommandOption> = z.lazy(() =>
  optionBase
    .extend({ options: list(option, { max: 25 }).nullish() })
    .superRefine((value, context) => {
      checkOptions(value.options ?? [], context);
      if (value.autocomplete === true && (value.choices?.length ?? 0) > 0)
        addError(context, {
          code: "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_WITH_CHOICES",
          message: "Autocomplete options cannot have choices",
        });
    }),
);

export const commandSchema = z
  .object({
    id: snowflake.nullish(),
    type: choice(1, 2, 3).nullish(),
    name: text({ min: 1, max: 32 }),
    name_localizations: localizations,
    description: text({ max: 100 }).nullish(),
    description_localizations: localizations,
    options: list(option, { max: 25 }).nullish(),
    default_member_permissions: z.string().regex(/^\d+$/).nullish(),
    dm_permission: z.boolean().nullish(),
    nsfw: z.boolean().nullish(),
    contexts: z.array(choice(0, 1, 2)).nullish(),
    integration_types: z.array(choice(0, 1)).nullish(),
  })
  .superRefine((value, context) => {
    if ((value.type ?? 1) === 1) checkSlashCommand(value, context);
    else checkContextMenuCommand(value, context);
    checkOptions(value.options ?? [], context);
    if (countCharacters(value) > 8000)
      addError(context, {
        code: "APPLICATION_COMMAND_TOO_LARGE",
        message: "Command exceeds maximum size (8000)",
      });
  });
export type CommandInput = z.infer<typeof commandSchema>;

export const commandsSchema = list(commandSchema, { max: 130 }).superRefine((commands, context) => {
  const seen = new Set<string>();
  for (const [index, command] of commands.entries()) {
    const key = `${command.type ?? 1} ${command.name}`;
    if (seen.has(key))
      addError(
        context,
        {
          code: "APPLICATION_COMMANDS_DUPLICATE_NAME",
          message: "Application command names must be unique",
        },
        [index],
      );
    seen.add(key);
  }
});

function checkSlashCommand(
  command: { readonly name: string; readonly description?: string | null | undefined },
  context: z.RefinementCtx,
): void {
  const name = slashName.safeParse(command.name);
  for (const issue of name.error?.issues ?? [])
    context.addIssue({ ...issue, path: ["name", ...issue.path] });
  if ((command.description ?? "") === "")
    addError(context, { code: "BASE_TYPE_REQUIRED", message: "This field is required" }, [
      "description",
    ]);
}

/** It has a name, and nothing that is said or typed. */
function checkContextMenuCommand(
  command: { readonly description?: string | null | undefined; readonly options?: unknown },
  context: z.RefinementCtx,
): void {
  const hasOptions = Array.isArray(command.options) && command.options.length > 0;
  for (const [field, isGiven] of [
    ["description", Boolean(command.description)],
    ["options", hasOptions],
  ] as const)
    if (isGiven)
      addError(
        context,
        {
          code: `APPLICATION_COMMAND_CONTEXT_MENU_${field.toUpperCase()}_NOT_ALLOWED`,
          message: `Context menu commands cannot have ${field}`,
        },
        [field],
      );
}

/** Names differ, required ones come first, and subcommands do not mix with values. */
function checkOptions(options: readonly CommandOption[], context: z.RefinementCtx): void {
  const names = options.map((one) => one.name);
  if (new Set(names).size < names.length)
    addError(
      context,
      {
        code: "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
        message: "Option name already exists",
      },
      ["options"],
    );
  const firstOptional = options.findIndex((one) => one.required !== true);
  const late = options.findLastIndex((one) => one.required === true);
  if (firstOptional !== -1 && late > firstOptional)
    addError(
      context,
      {
        code: "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        message: "Required options must be placed before non-required options",
      },
      ["options", late],
    );
  const nested = options.filter((one) => one.type <= 2).length;
  if (nested > 0 && nested < options.length)
    addError(
      context,
      {
        code: "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        message:
          "Sub-command and sub-command group option types are mutually exclusive to all other types",
      },
      ["options"],
    );
}

function countCharacters(part: {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly options?: readonly CommandOption[] | null | undefined;
  readonly choices?: CommandOption["choices"];
}): number {
  const own = lengthOf(part.name) + lengthOf(part.description ?? "");
  const choices = (part.choices ?? []).reduce(
    (sum, one) => sum + lengthOf(one.name) + lengthOf(String(one.value)),
    0,
  );
  return (part.options ?? []).reduce((sum, one) => sum + countCharacters(one), own + choices);
}
