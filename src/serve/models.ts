import type { Engine } from "../chat/ports.ts";
import { notFound } from "./api-error.ts";

/** `meta` as llama-server says it, `max_model_len` as vLLM does. */
export function describeModel({ contextTokens, modelName }: Engine, created: number) {
  return {
    id: modelName,
    object: "model",
    created,
    owned_by: "familiar",
    max_model_len: contextTokens,
    meta: { n_ctx: contextTokens },
  };
}

export function findModel(model: ReturnType<typeof describeModel>, id: string) {
  if (id === model.id) return model;
  throw notFound(`There is no model of that name here, only ${model.id}.`, "model_not_found");
}
