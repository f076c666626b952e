import { DefaultRestOptions, type RESTOptions } from "discord.js";
import { toApiBase } from "./api-base.ts";
import { pause } from "./pause.ts";
import { readTolerantly } from "./tolerant-response.ts";

interface RestSettings {
  /** The API's base, with or without its version. Default: Discord's own. */
  readonly apiUrl?: string | undefined;
  /** Deadline of a request with its repetitions, in milliseconds. Default: 15,000. */
  readonly timeoutMs?: number;
}

type MakeRequest = RESTOptions["makeRequest"];
type RequestInit = Parameters<MakeRequest>[1];

const DEFAULT_TIMEOUT_MS = 15_000;
/** Pauses before a request is repeated, in milliseconds. */
const PAUSES = [250, 750];

const REPEATABLE = new Set(["GET", "PUT", "DELETE", "PATCH"]);
/** Replies repeat their edits themselves, with the newest text. */
const MESSAGE = /\/(?:channels\/\d+|webhooks\/\d+\/[^/?]+)\/messages\/\d+(?:\?|$)/;

/**
 * Settings for the REST client of discord.js. Its own repetitions are off, because it also repeats
 * creating requests whose outcome it does not know, and so posts messages twice; here only those
 * requests are repeated that may be carried out any number of times.
 */
export function createRestOptions(settings: RestSettings = {}): Partial<RESTOptions> {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    ...(settings.apiUrl === undefined ? {} : { api: toApiBase(settings.apiUrl) }),
    version: "10",
    retries: 0,
    timeout: timeoutMs,
    makeRequest: createMakeRequest(timeoutMs),
  };
}

function createMakeRequest(timeoutMs: number): MakeRequest {
  return async (url, init) => {
    if (!isRepeatable(url, init.method ?? "GET")) return request(url, init);
    const attemptMs = timeoutMs / (PAUSES.length + 1);
    for (const pauseMs of PAUSES) {
      const response = await tryRequest(url, init, attemptMs);
      if (response !== undefined) return response;
      await pause(pauseMs, init.signal ?? undefined);
    }
    return request(url, init);
  };
}

/** Undefined where it is worth another try: the connection failed, or the server. */
async function tryRequest(
  url: string,
  init: RequestInit,
  attemptMs: number,
): Promise<Response | undefined> {
  const deadline = AbortSignal.timeout(attemptMs);
  const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
  try {
    const response = await request(url, { ...init, signal });
    return response.status >= 500 ? undefined : response;
  } catch {
    init.signal?.throwIfAborted();
    return undefined;
  }
}

async function request(url: string, init: RequestInit): Promise<Response> {
  return readTolerantly(await DefaultRestOptions.makeRequest(url, init));
}

function isRepeatable(url: string, method: string): boolean {
  if (!REPEATABLE.has(method)) return false;
  return method !== "PATCH" || !MESSAGE.test(url);
}
