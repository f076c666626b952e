import {
  type APIApplicationCommandOption,
  type APIApplicationCommandStringOption,
  ApplicationCommandOptionType as OptionType,
} from "discord-api-types/v10";
import { z } from "zod";
import { type FieldError, type FormError, formErrors } from "./api-error.ts";
import { lengthOf } from "./forms.ts";

interface SubmittedOption {
  type: OptionType;
  name: string;
  value?: string | number | boolean | undefined;
  focused?: boolean | undefined;
  options?: SubmittedOption[] | undefined;
}

export const submittedOptionSchema: z.ZodType<SubmittedOption> = z.lazy(() =>
  z.object({
    type: z.custom<OptionType>(Number.isInteger),
    name: z.string(),
    value: z.union([z.string(), z.number(), z.boolean()]).optional(),
    focused: z.boolean().optional(),
    options: z.array(submittedOptionSchema).optional(),
  }),
);

/** Error 50035 unless the options fit the command's definition. */
export function requireFittingOptions(
  defined: readonly APIApplicationCommandOption[],
  submitted: readonly SubmittedOption[],
): void {
  const errors = findFaults(defined, submitted, ["data", "options"]);
  if (errors.length > 0) throw formErrors(errors);
}

/** All values, subcommands taken apart. */
export function flattenOptions(options: readonly SubmittedOption[]): SubmittedOption[] {
  return options.flatMap((option) => [option, ...flattenOptions(option.options ?? [])]);
}

function findFaults(
  defined: readonly APIApplicationCommandOption[],
  submitted: readonly SubmittedOption[],
  path: readonly (string | number)[],
): FieldError[] {
  const missing = defined
    .filter((option) => "required" in option && option.required)
    .filter((option) => !submitted.some((given) => given.name === option.name))
    .map((option) => ({
      path: [...path, option.name],
      error: {
        code: "APPLICATION_COMMAND_OPTIONS_MISSING",
        message: `Required option "${option.name}" is missing.`,
      },
    }));
  const wrong = submitted.flatMap((given, index) => {
    const definition = defined.find((option) => option.name === given.name);
    const place = [...path, index];
    if (definition === undefined || definition.type !== given.type)
      return [{ path: place, error: outdated }];
    if ("options" in definition || isNested(given.type))
      return findFaults(nestedOf(definition), given.options ?? [], [...place, "options"]);
    const error = findValueFault(definition, given.value);
    return error === undefined ? [] : [{ path: [...place, "value"], error }];
  });
  return [...missing, ...wrong];
}

const outdated: FormError = {
  code: "INTERACTION_APPLICATION_COMMAND_OPTION_INVALID",
  message: "This command is outdated, please try again in a few minutes",
};

function isNested(type: OptionType): boolean {
  return type === OptionType.Subcommand || type === OptionType.SubcommandGroup;
}

function nestedOf(option: APIApplicationCommandOption): readonly APIApplicationCommandOption[] {
  return "options" in option ? (option.options ?? []) : [];
}

function findValueFault(
  definition: APIApplicationCommandOption,
  value: SubmittedOption["value"],
): FormError | undefined {
  if (value === undefined) return { code: "BASE_TYPE_REQUIRED", message: "This field is required" };
  if (typeof value !== expectedType(definition.type)) return outdated;
  const choices = "choices" in definition ? (definition.choices ?? []) : [];
  if (choices.length > 0 && !choices.some((choice) => choice.value === value))
    return {
      code: "APPLICATION_COMMAND_OPTION_CHOICE_INVALID",
      message: "Value must be one of the choices.",
    };
  return findRangeFault(definition, value);
}

function findRangeFault(
  definition: APIApplicationCommandOption,
  value: string | number | boolean,
): FormError | undefined {
  if (definition.type === OptionType.String)
    return findLengthFault(lengthOf(String(value)), definition);
  if (definition.type !== OptionType.Integer && definition.type !== OptionType.Number)
    return undefined;
  const { min_value: min = -Infinity, max_value: max = Infinity } = definition;
  if (Number(value) >= min && Number(value) <= max) return undefined;
  return { code: "NUMBER_TYPE_MAX", message: `Must be between ${min} and ${max}.` };
}

function findLengthFault(
  length: number,
  { min_length: min = 0, max_length: max = 6000 }: APIApplicationCommandStringOption,
): FormError | undefined {
  if (length >= min && length <= max) return undefined;
  return { code: "BASE_TYPE_BAD_LENGTH", message: `Must be between ${min} and ${max} in length.` };
}

function expectedType(type: OptionType): string {
  if (type === OptionType.Boolean) return "boolean";
  return type === OptionType.Integer || type === OptionType.Number ? "number" : "string";
}
