import type { ResponseLike } from "discord.js";

/** Statuses whose responses cannot have a body. */
const BODILESS = new Set([204, 205, 304]);
const DEFAULT_RETRY_AFTER_SECONDS = 1;

/**
 * Reads a response to its end, so that the request's deadline covers its body, and mends what the
 * REST client cannot take: an empty body that is called JSON, an error whose body is no JSON object
 * (gateways and proxies answer in HTML), and a 429 that does not say for how long, which it would repeat at once and for ever.
 */
export async function readTolerantly(response: ResponseLike): Promise<Response> {
  const { status, statusText } = response;
  const headers = new Headers([...response.headers]);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength === 0) headers.delete("content-type");
  if (status < 400 || status > 499) {
    return new Response(BODILESS.has(status) ? null : bytes, { status, statusText, headers });
  }
  const body = parseObject(bytes) ?? { code: 0, message: `HTTP status ${status}` };
  headers.set("content-type", "application/json");
  if (status === 429 && !headers.has("retry-after")) {
    headers.set("retry-after", String(retryAfterOf(body)));
  }
  return new Response(JSON.stringify(body), { status, statusText, headers });
}

function parseObject(bytes: ArrayBuffer): object | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function retryAfterOf(body: object): number {
  const seconds: unknown = "retry_after" in body ? body.retry_after : undefined;
  return typeof seconds === "number" && seconds > 0 ? seconds : DEFAULT_RETRY_AFTER_SECONDS;
}
