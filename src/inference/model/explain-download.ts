import { FamiliarError } from "../../chat/errors.ts";
import { describeSource, nameHost } from "./model-source.ts";
import type { ModelSource } from "./model-source.ts";

/** An answer of the server that is not the file. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly statusCode: number;

  constructor(statusCode: number) {
    super(`the server answered ${statusCode}`);
    this.statusCode = statusCode;
  }
}

/** No byte more for too long. */
export class StallError extends Error {
  override readonly name = "StallError";
}

const STORAGE_CODES: ReadonlySet<string> = new Set([
  "EACCES",
  "EEXIST",
  "ENOSPC",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/** In one sentence with its mend; a failure that is told already is left as it is. */
export function toDownloadError(source: ModelSource, error: unknown): FamiliarError {
  if (error instanceof FamiliarError) return error;
  const code = isForLater(error) ? "model-unreachable" : "model-invalid";
  return new FamiliarError(code, explainDownload(source, error), { cause: error });
}

/** No setting is wrong: the same start may succeed another time. */
function isForLater(error: unknown): boolean {
  const status = findStatus(error);
  if (status !== undefined) return status >= 500 || status === 429;
  const code = findCode(error);
  return code === undefined || !STORAGE_CODES.has(code);
}

function explainDownload(source: ModelSource, error: unknown): string {
  const status = findStatus(error);
  if (status !== undefined) return explainStatus(source, status);
  const code = findCode(error);
  if (code !== undefined) return explainCode(source, code);
  const name = describeSource(source);
  if (isStall(error)) {
    return `The download of the model ${name} does not get on: check the connection and start again; what has arrived is kept`;
  }
  return `The download of the model ${name} failed: check the address and the connection, and start again`;
}

function isStall(error: unknown): boolean {
  return error instanceof Error && (error instanceof StallError || error.name === "TimeoutError");
}

/** The library tells some answers in its message only. */
function findStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("statusCode" in error && typeof error.statusCode === "number") return error.statusCode;
  if (/^Cannot get quantization|^Invalid Hugging Face URI/.test(error.message)) return 404;
  const told = /^Failed to fetch manifest .*: (?<status>\d{3}) /.exec(error.message);
  return told?.groups === undefined ? undefined : Number(told.groups["status"]);
}

function findCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error.cause !== undefined) return findCode(error.cause);
  return error.message.includes("fetch failed") ? "fetch failed" : undefined;
}

function explainStatus(source: ModelSource, status: number): string {
  const name = describeSource(source);
  const host = nameHost(source);
  switch (status) {
    case 401:
    case 403:
      return source.kind === "hub"
        ? `Hugging Face does not give out ${name} (${status}): check the name, accept the model's terms on its page, and set HF_TOKEN to your access token`
        : `${host} does not give out ${name} (${status}): download the file by hand and set MODEL to its path`;
    case 404:
    case 410:
      return source.kind === "hub"
        ? `Hugging Face has no model ${name}: check user, repository and quantisation, as in hf:user/repository:Q4_K_M`
        : `${host} has no file ${name} (${status}): check the address`;
    default:
      return `${host} answers ${status} instead of the model: try again later`;
  }
}

function explainCode(source: ModelSource, code: string): string {
  switch (code) {
    case "ENOSPC":
      return "The disk is full: make room for the model, or set DATA_DIR to a folder on another disk";
    case "EACCES":
    case "EEXIST":
    case "ENOTDIR":
    case "EPERM":
    case "EROFS":
      return `The model cannot be stored (${code}): set DATA_DIR to a folder that the user who runs Familiar may write to`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The name ${nameHost(source)} is not found: check the address and the connection to the internet`;
    default:
      return `${nameHost(source)} cannot be reached (${code}): check the address and the connection to the internet`;
  }
}
