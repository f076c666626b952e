import { FamiliarError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";

const BY_CODE: Partial<Record<ErrorCode, string>> = {
  "store-unreachable":
    "⚠ My database is away, so I could not take that in. Please say it again in a minute.",
  "store-failed": "⚠ My database refused that, so I could not take it in. My owner's log says why.",
  "engine-failed": "⚠ My model failed on that. Please try again; my owner's log says why.",
};

const OTHERWISE = "⚠ Something went wrong on my side. Please try again; my owner's log says why.";

/** One neutral sentence for the people of a place in which a turn failed. Quotes nobody. */
export function toApology(error: unknown): string {
  return (error instanceof FamiliarError ? BY_CODE[error.code] : undefined) ?? OTHERWISE;
}
