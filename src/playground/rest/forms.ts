import { z } from "zod";
import { type FieldError, type FormError, formErrors } from "./api-error.ts";
import { isSnowflake } from "../world/snowflake.ts";

/** The value, or error 50035 with every field that is wrong. */
export function parseForm<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value ?? {}, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw formErrors(parsed.error.issues.map(toFieldError));
}

/** Discord counts code points, not UTF-16 units: github.com/discord/discord-api-docs/issues/1315. */
export function lengthOf(value: string): number {
  let length = 0;
  for (const _ of value) length += 1;
  return length;
}

interface Lengths {
  readonly min?: number;
  readonly max: number;
}

export function text(lengths: Lengths): z.ZodType<string, string> {
  return z.string().superRefine((value, context) => {
    const error = checkLength(lengthOf(value), lengths);
    if (error !== undefined) addError(context, error);
  });
}

export function list<T>(item: z.ZodType<T>, lengths: Lengths): z.ZodType<T[]> {
  return z.array(item).superRefine((value, context) => {
    const error = checkLength(value.length, lengths);
    if (error !== undefined) addError(context, error);
  });
}

export const snowflake = z.union([z.string(), z.number()]).transform((value, context) => {
  const id = String(value);
  if (!isSnowflake(id))
    addError(context, { code: "NUMBER_TYPE_COERCE", message: `Value "${id}" is not snowflake.` });
  return id;
});

export function choice<const T extends number | string>(...values: readonly T[]): z.ZodType<T> {
  return z.custom<T>((value) => values.some((candidate) => candidate === value), {
    params: {
      code: "BASE_TYPE_CHOICES",
      message: `Value must be one of {${values.map(String).join(", ")}}.`,
    },
  });
}

export function addError(
  context: z.RefinementCtx,
  error: FormError,
  path: PropertyKey[] = [],
): void {
  context.addIssue({ code: "custom", message: error.message, path, params: { ...error } });
}

function checkLength(length: number, { min = 0, max }: Lengths): FormError | undefined {
  if (length >= min && length <= max) return undefined;
  if (min > 1 || (min === 1 && length === 0))
    return {
      code: "BASE_TYPE_BAD_LENGTH",
      message: `Must be between ${min} and ${max} in length.`,
    };
  return { code: "BASE_TYPE_MAX_LENGTH", message: `Must be ${max} or fewer in length.` };
}

function toFieldError(issue: z.core.$ZodIssue): FieldError {
  return { path: issue.path.map(toKey), error: toError(issue) };
}

function toKey(key: PropertyKey): string | number {
  return typeof key === "symbol" ? String(key) : key;
}

function toError(issue: z.core.$ZodIssue): FormError {
  const own = issue.code === "custom" ? toOwnError(issue.params) : undefined;
  if (own !== undefined) return own;
  if (issue.input === undefined || issue.input === null)
    return { code: "BASE_TYPE_REQUIRED", message: "This field is required" };
  if (issue.code === "too_big")
    return {
      code: "NUMBER_TYPE_MAX",
      message: `int value should be less than or equal to ${issue.maximum}.`,
    };
  if (issue.code === "too_small")
    return {
      code: "NUMBER_TYPE_MIN",
      message: `int value should be greater than or equal to ${issue.minimum}.`,
    };
  return toTypeError(issue);
}

function toTypeError(issue: z.core.$ZodIssue): FormError {
  const expected = issue.code === "invalid_type" ? issue.expected : "";
  const known: Record<string, FormError> = {
    string: { code: "STRING_TYPE_CONVERT", message: "Could not interpret as string." },
    number: { code: "NUMBER_TYPE_COERCE", message: "Could not interpret as number." },
    int: { code: "NUMBER_TYPE_COERCE", message: "Could not interpret as int." },
    boolean: {
      code: "BASE_TYPE_CHOICES",
      message: "Must be either true or false.",
    },
    array: { code: "LIST_TYPE_CONVERT", message: "Only iterables may be used in a ListType" },
    object: { code: "DICT_TYPE_CONVERT", message: "Only dictionaries may be used in a DictType" },
  };
  return known[expected] ?? { code: "BASE_TYPE_INVALID", message: issue.message };
}

function toOwnError(params: Record<string, unknown> | undefined): FormError | undefined {
  const code = params?.["code"];
  const message = params?.["message"];
  return typeof code === "string" && typeof message === "string" ? { code, message } : undefined;
}
