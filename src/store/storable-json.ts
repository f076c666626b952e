import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { toStorable } from "./rows.ts";

/** PostgreSQL's JSON has no NUL and no half of a surrogate pair, which people's cards may have. */
export function toStorableJson(value: unknown): SQL {
  return sql`${JSON.stringify(clean(value))}::text::jsonb`;
}

function clean(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [cleanText(key), clean(inner)]),
  );
}

function cleanText(text: string): string {
  return Buffer.from(toStorable(text)).toString();
}
