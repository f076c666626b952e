import { ApiError } from "./api-error.ts";

export interface UploadedFile {
  /** The n of `files[n]`. */
  readonly key: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface Body {
  readonly json: unknown;
  readonly files: readonly UploadedFile[];
}

/** reference, "uploading files": the largest request that is taken. */
const maxRequestBytes = 25 * 1024 * 1024;

/** JSON, or multipart with `payload_json` and `files[n]`. */
export async function readBody(request: Request): Promise<Body> {
  if (Number(request.headers.get("content-length") ?? 0) > maxRequestBytes) throw tooLarge();
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("multipart/form-data")) return readMultipart(request);
  const text = await request.text();
  if (text.length > maxRequestBytes) throw tooLarge();
  return { json: text === "" ? undefined : parseJson(text), files: [] };
}

async function readMultipart(request: Request): Promise<Body> {
  const form = await request.formData().catch((cause: unknown) => {
    throw invalidJson(cause);
  });
  const files: UploadedFile[] = [];
  const fields: Record<string, unknown> = {};
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = value;
    else files.push(await toFile(name, value));
  }
  const payload = fields["payload_json"];
  return { json: typeof payload === "string" ? parseJson(payload) : fields, files };
}

async function toFile(name: string, file: File): Promise<UploadedFile> {
  return {
    key: /^files\[(\d+)\]$/.exec(name)?.[1] ?? name,
    filename: file.name.replace(/[^\w.-]+/g, "_") || "file",
    contentType: file.type || "application/octet-stream",
    bytes: new Uint8Array(await file.arrayBuffer()),
  };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw invalidJson(error);
  }
}

function invalidJson(cause: unknown): ApiError {
  return new ApiError(400, 50109, "The request body contains invalid JSON.", { cause });
}

function tooLarge(): ApiError {
  return new ApiError(413, 40005, "Request entity too large");
}
