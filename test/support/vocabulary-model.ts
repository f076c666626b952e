import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LlamaModel } from "node-llama-cpp";
import { getLlama } from "node-llama-cpp";
import type { GgufPatch } from "./gguf-patch.ts";
import { patchGguf } from "./gguf-patch.ts";
import { DEMO_MODEL_PATH } from "./model.ts";

export interface PatchedModel extends AsyncDisposable {
  readonly path: string;
}

/** A changed copy of the demo model that lasts as long as the result. */
export async function patchDemoModel(patch: GgufPatch): Promise<PatchedModel> {
  const folder = await mkdtemp(join(tmpdir(), "familiar-model-"));
  const path = join(folder, "patched.gguf");
  await patchGguf(DEMO_MODEL_PATH, path, patch);
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, maxRetries: 3 }) };
}

export interface VocabularyModel extends AsyncDisposable {
  readonly model: LlamaModel;
}

/** The vocabulary of a model without its weights. */
export async function openVocabulary(path: string = DEMO_MODEL_PATH): Promise<VocabularyModel> {
  const llama = await getLlama({ gpu: false, build: "never", logger: () => undefined });
  const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
  return { model, [Symbol.asyncDispose]: () => llama.dispose() };
}

export async function openPatchedVocabulary(patch: GgufPatch): Promise<VocabularyModel> {
  const patched = await patchDemoModel(patch);
  const { model, [Symbol.asyncDispose]: close } = await openVocabulary(patched.path);
  return {
    model,
    async [Symbol.asyncDispose]() {
      await close();
      await patched[Symbol.asyncDispose]();
    },
  };
}
