import { fileURLToPath } from "node:url";
import type { Sampling } from "./chat/sampling.ts";
import { REFERENCE_MODEL } from "./config.ts";
import type { Config } from "./config.ts";

const DEMO_MODEL = fileURLToPath(new URL("../models/familiar-demo-3m-q8_0.gguf", import.meta.url));
const TEMPERATURE = 0.7;

/** Without a token, Familiar is being tried out, and the demo model is there at once. */
export function chooseModel({ discord, model }: Config): string {
  return model.source ?? (discord.token === undefined ? DEMO_MODEL : REFERENCE_MODEL);
}

/** The demo model is too small to take chances with: it answers best with its first choice. */
export function chooseSampling(config: Config): Sampling {
  const { chat, inference } = config;
  const isDemo = inference.urls.length === 0 && chooseModel(config) === DEMO_MODEL;
  const { temperature = isDemo ? 0 : TEMPERATURE, ...sampling } = chat.sampling;
  return { ...sampling, temperature };
}
