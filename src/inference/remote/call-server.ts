import { EXTRA_FIELDS } from "./completion-body.ts";
import { numberAt, parseJson, textAt, valueAt } from "./json-value.ts";
import { ServerFailure, toConnectionFailure } from "./server-failure.ts";

export interface ServerCall {
  readonly address: string;
  /** From the root of the server: `/v1/models`. */
  readonly path: string;
  readonly key: string | undefined;
  /** Undefined: a GET. */
  readonly body?: unknown;
  readonly signal: AbortSignal;
}

/**
 * Sends one request. The body of the answer is the caller's to read. A redirect is an answer like
 * any other: what people say goes to no address that the owner did not name.
 *
 * @throws {ServerFailure} for every answer but a good one, and for none
 * @throws the signal's reason once it is aborted
 */
export async function callServer(call: ServerCall): Promise<Response> {
  const { address, body, key, path, signal } = call;
  try {
    const response = await fetch(`${address}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "manual",
      signal,
    });
    if (!response.ok) throw toStatusFailure(response, await response.text());
    return response;
  } catch (error) {
    throw keepAbort(error, signal);
  }
}

/** @throws {ServerFailure} also for an answer that is no JSON */
export async function callForJson(call: ServerCall): Promise<unknown> {
  const response = await callServer(call);
  try {
    const json = parseJson(await response.text());
    if (json === undefined) throw new ServerFailure({ kind: "stream", code: "no-json" });
    return json;
  } catch (error) {
    throw keepAbort(error, call.signal);
  }
}

/** A deadline is a failure of the server; any other abort is its caller's business. */
export function keepAbort(error: unknown, signal: AbortSignal): unknown {
  const isDeadline = error instanceof Error && error.name === "TimeoutError";
  return signal.aborted && !isDeadline ? signal.reason : toConnectionFailure(error);
}

/** OpenAI's shape, older vLLM's without the `error` around it, or none at all. */
export function toFailureFacts(json: unknown) {
  const error = valueAt(json, "error") ?? json;
  const code = textAt(error, "code") ?? textAt(error, "type");
  return { code, status: numberAt(error, "code") };
}

function toStatusFailure({ headers, status }: Response, text: string): ServerFailure {
  const { code } = toFailureFacts(parseJson(text));
  const isRefusal = status === 400 || status === 422;
  return new ServerFailure({
    kind: "status",
    status,
    code,
    retryAfterMs: readRetryAfter(headers),
    namesExtraField: isRefusal && EXTRA_FIELDS.some((name) => text.includes(name)),
  });
}

/** Seconds, or a date, which is taken by the server's own clock. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds)
    ? Date.parse(value) - Date.parse(headers.get("date") ?? "")
    : seconds * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
