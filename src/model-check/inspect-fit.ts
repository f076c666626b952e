import type { Llama } from "node-llama-cpp";
import { fitModel } from "../inference/model/model-fit.ts";
import type { FitRequest } from "../inference/model/model-fit.ts";

/** How a model fits this machine, before it is loaded. */
export interface FitFacts {
  /** Of one conversation. */
  readonly contextTokens: number;
  readonly conversationBytes: number;
  /** Conversations that the free memory holds at once, counted up to {@link MOST_CONVERSATIONS}. */
  readonly conversations: number;
}

/** More than these are the business of a server. */
export const MOST_CONVERSATIONS = 16;

/** @throws {FamiliarError} `model-invalid`: see {@link fitModel} */
export async function inspectFit(
  llama: Llama,
  request: Omit<FitRequest, "sequences">,
): Promise<FitFacts> {
  const fit = await fitModel(llama, { ...request, sequences: MOST_CONVERSATIONS });
  const { contextTokens, conversationBytes, sequences } = fit;
  return { contextTokens, conversationBytes, conversations: sequences };
}
