import { FamiliarError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import type { UserId } from "../ids.ts";

/** Why a turn failed, as far as the people of its place may know. */
export type Failure = "engine-failed" | "store-failed" | "store-unreachable" | "unexpected";

/** Why something that was said gets no answer. */
export type Apology = Failure | QuotaUsedUp;

export interface QuotaUsedUp {
  readonly kind: "quota-used-up";
  readonly person: UserId;
  readonly freeAt: Date;
}

const KNOWN: Partial<Record<ErrorCode, Failure>> = {
  "engine-failed": "engine-failed",
  "store-failed": "store-failed",
  "store-unreachable": "store-unreachable",
};

export function toApology(error: unknown): Failure {
  return (error instanceof FamiliarError ? KNOWN[error.code] : undefined) ?? "unexpected";
}
