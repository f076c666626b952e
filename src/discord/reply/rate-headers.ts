import type { BucketReport } from "./rate-bucket.ts";

/** A response as the REST client's events show it. */
export interface SeenResponse {
  readonly method: string;
  /** Below the version, or the whole address. */
  readonly path: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** Creating and editing messages have a limit each, for each channel and each webhook. */
export type Lane = `${"POST" | "PATCH"}:${string}`;

const MESSAGES = /\/channels\/(\d+)\/messages(\/\d+)?(?:\?|$)/;
const WEBHOOK_MESSAGES = /\/webhooks\/(\d+)\/[^/?]+(\/messages\/\d+)?(?:\?|$)/;

/** Undefined for requests that no reply makes. */
export function laneOf(method: string, path: string): Lane | undefined {
  const [, id, ofOne] = MESSAGES.exec(path) ?? WEBHOOK_MESSAGES.exec(path) ?? [];
  if (id === undefined) return undefined;
  if (method === "POST" && ofOne === undefined) return `POST:${id}`;
  return method === "PATCH" && ofOne !== undefined ? `PATCH:${id}` : undefined;
}

export function readBucketReport({ status, headers }: SeenResponse): BucketReport {
  const seconds = status === 429 ? numberOf(headers, "retry-after") : undefined;
  return {
    limit: numberOf(headers, "x-ratelimit-limit"),
    remaining: numberOf(headers, "x-ratelimit-remaining"),
    resetAfterMs: toMs(numberOf(headers, "x-ratelimit-reset-after")),
    retryAfterMs: toMs(seconds),
  };
}

export function isGlobalRefusal({ status, headers }: SeenResponse): boolean {
  const scope = headers.get("x-ratelimit-scope");
  return status === 429 && (headers.get("x-ratelimit-global") !== null || scope === "global");
}

function numberOf(headers: SeenResponse["headers"], name: string): number | undefined {
  const text = headers.get(name);
  const value = text === null || text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

function toMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.ceil(seconds * 1000);
}
