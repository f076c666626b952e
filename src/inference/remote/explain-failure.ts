import { FamiliarError } from "../../chat/errors.ts";
import { ServerFailure } from "./server-failure.ts";

/** For a reply or a count that failed; what is told already, and what is a bug, is left as it is. */
export function toEngineError(error: unknown, hasBegun = false): unknown {
  if (!(error instanceof ServerFailure)) return error;
  const sentence = hasBegun ? explainBreak(error) : explainFailure(error);
  return new FamiliarError("engine-failed", sentence, { cause: error });
}

/** For a server that is asked for the first time. */
export function toStartError(error: unknown, address: string): unknown {
  if (!(error instanceof ServerFailure)) return error;
  const { kind, status } = error;
  const cause = { cause: error };
  if (status === 401 || status === 403) {
    const sentence = `The inference server at ${address} refuses the key (${status}): set INFERENCE_KEY to a key of that server.`;
    return new FamiliarError("config-invalid", sentence, cause);
  }
  if (kind === "status" && !error.isPassing) {
    const sentence = `INFERENCE_URL leads to no OpenAI-compatible server: ${address}/v1/models answers ${status ?? "nothing"}.`;
    return new FamiliarError("config-invalid", sentence, cause);
  }
  if (kind === "stream") {
    const sentence = `INFERENCE_URL leads to no OpenAI-compatible server: ${address}/v1/models answers with something else.`;
    return new FamiliarError("config-invalid", sentence, cause);
  }
  const reason = status === undefined ? "cannot be reached" : "is not ready";
  const sentence = `The inference server at ${address} ${reason}${toHint(error)}: see that it runs and that INFERENCE_URL is its address.`;
  return new FamiliarError("model-unreachable", sentence, cause);
}

function explainBreak(failure: ServerFailure): string {
  switch (failure.kind) {
    case "connection":
      return `The connection to the inference server broke in the middle of a reply${toHint(failure)}.`;
    case "status":
      return `The inference server failed in the middle of a reply${toHint(failure)}.`;
    case "stream":
      return explainStream(failure);
    default:
      return failure.kind satisfies never;
  }
}

function explainFailure(failure: ServerFailure): string {
  switch (failure.kind) {
    case "connection":
      return `The inference server cannot be reached${toHint(failure)}: see that it runs and that INFERENCE_URL is its address.`;
    case "status":
      return explainStatus(failure);
    case "stream":
      return explainStream(failure);
    default:
      return failure.kind satisfies never;
  }
}

function explainStream({ code }: ServerFailure): string {
  return code === "incomplete"
    ? "The inference server broke a reply off without saying why."
    : "The inference server answers with something that is no stream of a reply: see that INFERENCE_URL leads to an OpenAI-compatible server.";
}

const KEY_REFUSED = "refuses the key: set INFERENCE_KEY to a key of that server";

const BY_STATUS: Readonly<Record<number, string>> = {
  401: KEY_REFUSED,
  403: KEY_REFUSED,
  404: "does not know the model or the address: see INFERENCE_MODEL and INFERENCE_URL",
  429: "has too much to do",
};

function explainStatus(failure: ServerFailure): string {
  const { code, isPassing, status } = failure;
  const otherwise = isPassing ? "failed" : "refuses the request";
  const isTooLong = !isPassing && /context/i.test(code ?? "");
  const said = isTooLong
    ? "takes no prompt of this length: set CONTEXT_TOKENS to what it keeps for one conversation"
    : (BY_STATUS[status ?? 0] ?? otherwise);
  return `The inference server ${said}${toHint(failure)}.`;
}

function toHint({ code, status }: ServerFailure): string {
  const facts = [status, code].filter((fact) => fact !== undefined);
  return facts.length === 0 ? "" : ` (${facts.join(", ")})`;
}
