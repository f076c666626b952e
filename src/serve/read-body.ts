import type { z } from "zod";
import { invalidRequest } from "./api-error.ts";

/** The messages of `schema` complete a sentence that begins with the field's name. */
export function checkBody<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const param = toFieldName(issue?.path ?? []);
  const message = `${param ?? "The request"} ${issue?.message ?? "is not valid"}.`;
  throw invalidRequest(message, { param });
}

/** `messages[0].role`; undefined for the whole. */
function toFieldName(path: readonly PropertyKey[]): string | undefined {
  const name = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return name.length === 0 ? undefined : name.join("").replace(/^\./, "");
}

export async function readJson(request: { json(): Promise<unknown> }): Promise<unknown> {
  try {
    return await request.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidRequest("The request is not valid JSON.");
    throw error;
  }
}
