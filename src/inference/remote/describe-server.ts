import { basename } from "node:path/posix";
import { FamiliarError } from "../../chat/errors.ts";
import { listAt, numberAt, textAt, valueAt } from "./json-value.ts";
import { ServerFailure } from "./server-failure.ts";
import type { Ask } from "./server-tokenizer.ts";

export type ServerKind =
  | "Familiar"
  | "llama-server"
  | "LM Studio"
  | "SGLang"
  | "vLLM"
  | "OpenAI-compatible server";

export interface ServerDescription {
  readonly kind: ServerKind;
  /** As requests name it. */
  readonly model: string;
  /** As the server tells it, for one conversation. */
  readonly contextTokens: number | undefined;
}

const KINDS: Readonly<Record<string, ServerKind>> = {
  familiar: "Familiar",
  llamacpp: "llama-server",
  organization_owner: "LM Studio",
  sglang: "SGLang",
  vllm: "vLLM",
};
const MAX_LISTED = 5;

/**
 * Asks a server what it is and what it serves.
 *
 * @throws {ServerFailure}
 * @throws {FamiliarError} `config-invalid` for a model that it does not have, or none at all
 */
export async function describeServer(
  ask: Ask,
  wanted: string | undefined,
): Promise<ServerDescription> {
  const models = await listModels(ask, wanted !== undefined);
  const entry = findModel(models, wanted);
  const model = wanted ?? textAt(entry, "id");
  if (model === undefined)
    throw modelInvalid("names no model, and the server lists none: set it to the model's name");
  const props = await ask("/props").catch(() => undefined);
  const slotTokens = numberAt(props, "default_generation_settings", "n_ctx");
  const owner = textAt(entry, "owned_by") ?? "";
  const kind = slotTokens === undefined ? KINDS[owner] : "llama-server";
  return {
    kind: kind ?? "OpenAI-compatible server",
    model,
    contextTokens: slotTokens ?? numberAt(entry, "max_model_len"),
  };
}

/** "mistral-7b.Q4_K_M" for the path of a file; other names are as people know them. */
export function toModelName(model: string): string {
  return model.endsWith(".gguf") ? basename(model.replaceAll("\\", "/"), ".gguf") : model;
}

/** A server may do without the list where the model is named. */
async function listModels(ask: Ask, isNamed: boolean): Promise<readonly unknown[]> {
  try {
    const models = await ask("/v1/models");
    if (!Array.isArray(valueAt(models, "data")))
      throw new ServerFailure({ kind: "stream", code: "no-models" });
    return listAt(models, "data");
  } catch (error) {
    if (isNamed && error instanceof ServerFailure && error.status === 404) return [];
    throw error;
  }
}

function findModel(models: readonly unknown[], wanted: string | undefined): unknown {
  if (wanted === undefined || models.length === 0) return models[0];
  const found = models.find((model) => textAt(model, "id") === wanted);
  if (found !== undefined) return found;
  const names = models.flatMap((model) => textAt(model, "id") ?? []);
  const others = names.length - MAX_LISTED;
  const listed = names.slice(0, MAX_LISTED).join(", ");
  const more = others > 0 ? ` and ${others} more` : "";
  throw modelInvalid(`${wanted} is not among the server's models: it has ${listed}${more}`);
}

function modelInvalid(what: string): FamiliarError {
  return new FamiliarError("config-invalid", `INFERENCE_MODEL ${what}.`);
}
