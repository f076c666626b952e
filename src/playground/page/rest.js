const timeoutMs = 30_000;
const maxTries = 5;

/** What the server refused, in words that can be shown. Status 0: the server did not answer. */
export class RestError extends Error {
  /** @param {string} message @param {{ status: number, code?: number, cause?: unknown }} details */
  constructor(message, { status, code = 0, cause }) {
    super(message, { cause });
    this.name = "RestError";
    this.status = status;
    this.code = code;
  }
}

/**
 * @typedef {{ body?: unknown, files?: readonly File[] }} RequestOptions
 * @typedef {{
 *   get(path: string): Promise<any>,
 *   post(path: string, options?: RequestOptions): Promise<any>,
 *   patch(path: string, options?: RequestOptions): Promise<any>,
 *   remove(path: string): Promise<any>,
 * }} Rest
 */

/**
 * Answers of 429 are waited for and tried again; other failures throw a `RestError`.
 * @param {string} apiUrl
 * @param {string} token
 * @returns {Rest}
 */
export function createRest(apiUrl, token) {
  const base = /\/v\d+$/u.test(apiUrl) ? apiUrl : `${apiUrl}/v10`;

  /** @param {string} method @param {string} path @param {RequestOptions} [options] */
  async function request(method, path, options = {}) {
    for (let tries = 1; ; tries += 1) {
      const response = await send(method, path, options);
      if (response.status !== 429 || tries === maxTries) return readAnswer(response);
      await waitForBucket(response);
    }
  }

  /** @param {string} method @param {string} path @param {RequestOptions} options */
  async function send(method, path, options) {
    const { body, headers } = toPayload(options);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      return await fetch(base + path, {
        method,
        body,
        headers: { ...headers, Authorization: token, "X-Discord-Locale": navigator.language },
        signal,
      });
    } catch (error) {
      throw new RestError("The local server does not answer.", { status: 0, cause: error });
    }
  }

  return {
    get: (path) => request("GET", path),
    post: (path, options) => request("POST", path, options),
    patch: (path, options) => request("PATCH", path, options),
    remove: (path) => request("DELETE", path),
  };
}

/**
 * Files go as multipart, beside the JSON: https://docs.discord.com/developers/reference#uploading-files
 * @param {RequestOptions} options
 * @returns {{ body: BodyInit | null, headers: Record<string, string> }}
 */
function toPayload({ body, files = [] }) {
  if (files.length > 0) {
    const form = new FormData();
    form.append("payload_json", JSON.stringify(body ?? {}));
    for (const [index, file] of files.entries()) form.append(`files[${index}]`, file, file.name);
    return { body: form, headers: {} };
  }
  if (body === undefined) return { body: null, headers: {} };
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

/** @param {Response} response */
async function readAnswer(response) {
  const answer = await readJson(response);
  if (response.ok) return answer;
  const message =
    findFieldMessage(answer?.errors) ?? answer?.message ?? `Status ${response.status}.`;
  throw new RestError(message, { status: response.status, code: answer?.code });
}

/** @param {Response} response */
async function readJson(response) {
  const text = await response.text();
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {Response} response */
async function waitForBucket(response) {
  const answer = await readJson(response);
  const seconds = Number(answer?.retry_after ?? response.headers.get("Retry-After") ?? 1);
  const waitMs = Math.min(Math.max(seconds, 0.1), 60) * 1000;
  await new Promise((resolve) => setTimeout(resolve, waitMs));
}

/**
 * The first message in Discord's tree of field errors.
 * @param {any} errors
 * @returns {string | undefined}
 */
function findFieldMessage(errors) {
  if (typeof errors !== "object" || errors === null) return undefined;
  if (Array.isArray(errors._errors)) return errors._errors[0]?.message;
  for (const nested of Object.values(errors)) {
    const message = findFieldMessage(nested);
    if (message !== undefined) return message;
  }
  return undefined;
}
