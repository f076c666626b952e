/** The nested `errors` object of error 50035: a leaf lists what is wrong with one field. */
export interface FormErrors {
  [field: string]: FormErrors | readonly FormError[];
}

export interface FormError {
  readonly code: string;
  readonly message: string;
}

/** A refusal in Discord's words. Codes: topics/opcodes-and-status-codes. */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, ...[message, options]: Parameters<typeof Error>) {
    super(message, options);
    this.status = status;
    this.code = code;
  }

  toBody(): Record<string, unknown> {
    return { message: this.message, code: this.code };
  }
}

/** A limit beside the buckets. */
export class LimitApiError extends ApiError {
  readonly retryAfterMs: number;

  constructor(code: number, message: string, retryAfterMs: number) {
    super(429, code, message);
    this.retryAfterMs = retryAfterMs;
  }

  override toBody(): Record<string, unknown> {
    return { ...super.toBody(), retry_after: this.retryAfterMs / 1000, global: false };
  }
}

export class FormApiError extends ApiError {
  readonly fields: FormErrors;

  constructor(fields: FormErrors) {
    super(400, 50035, "Invalid Form Body");
    this.fields = fields;
  }

  override toBody(): Record<string, unknown> {
    return { ...super.toBody(), errors: this.fields };
  }
}

export function formError(path: readonly (string | number)[], error: FormError): FormApiError {
  return formErrors([{ path, error }]);
}

export interface FieldError {
  readonly path: readonly (string | number)[];
  readonly error: FormError;
}

export function formErrors(list: readonly FieldError[]): FormApiError {
  const root: FormErrors = {};
  for (const { path, error } of list) {
    let node = root;
    for (const key of path) {
      const next = node[key];
      const child: FormErrors = isList(next) ? {} : { ...next };
      node[key] = child;
      node = child;
    }
    const present = node["_errors"];
    node["_errors"] = isList(present) ? [...present, error] : [error];
  }
  return new FormApiError(root);
}

function isList(node: FormErrors[string] | undefined): node is readonly FormError[] {
  return Array.isArray(node);
}

export const unauthorized = (): ApiError => new ApiError(401, 0, "401: Unauthorized");
export const notFound = (): ApiError => new ApiError(404, 0, "404: Not Found");
export const methodNotAllowed = (): ApiError => new ApiError(405, 0, "405: Method Not Allowed");
export const forbidden = (): ApiError => new ApiError(403, 0, "403: Forbidden");
export const unknownApplication = (): ApiError => new ApiError(404, 10002, "Unknown Application");
export const unknownChannel = (): ApiError => new ApiError(404, 10003, "Unknown Channel");
export const unknownGuild = (): ApiError => new ApiError(404, 10004, "Unknown Guild");
export const unknownMember = (): ApiError => new ApiError(404, 10007, "Unknown Member");
export const unknownMessage = (): ApiError => new ApiError(404, 10008, "Unknown Message");
export const unknownOverwrite = (): ApiError =>
  new ApiError(404, 10009, "Unknown permission overwrite");
export const unknownRole = (): ApiError => new ApiError(404, 10011, "Unknown Role");
export const unknownUser = (): ApiError => new ApiError(404, 10013, "Unknown User");
export const unknownWebhook = (): ApiError => new ApiError(404, 10015, "Unknown Webhook");
export const invalidWebhookToken = (): ApiError =>
  new ApiError(401, 50027, "Invalid Webhook Token");
export const unknownInteraction = (): ApiError => new ApiError(404, 10062, "Unknown interaction");
export const unknownCommand = (): ApiError =>
  new ApiError(404, 10063, "Unknown application command");
export const missingAccess = (): ApiError => new ApiError(403, 50001, "Missing Access");
export const missingPermissions = (): ApiError => new ApiError(403, 50013, "Missing Permissions");
export const wrongChannelType = (): ApiError =>
  new ApiError(400, 50024, "Cannot execute action on this channel type");
export const threadArchived = (): ApiError => new ApiError(400, 50083, "Thread is archived");
export const threadLocked = (): ApiError => new ApiError(400, 160005, "Thread is locked");
