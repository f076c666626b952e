import { existsSync } from "node:fs";
import { z } from "zod";
import { FamiliarError } from "./chat/errors.ts";
import { ownTimeZone, toTimeZone } from "./chat/time/time-zone.ts";

/** DPOpenHermes-7B in the quantisation that fits an 8 GB card: 4.4 GB. */
export const REFERENCE_MODEL = "hf:TheBloke/DPOpenHermes-7B-GGUF:Q4_K_M";

const DEFAULT_SYSTEM_PROMPT = "You are Familiar, a helpful assistant.";

const number = (mend: string) =>
  z
    .string()
    .regex(/^[+-]?(?:\d+\.?\d*|\.\d+)$/, mend)
    .transform(Number);
const between = (least: number, most: number) => {
  const mend = `must be a number from ${least} to ${most}`;
  return number(mend).refine((value) => value >= least && value <= most, mend);
};
const wholeBetween = (least: number, most: number) => {
  const mend = `must be a whole number from ${least} to ${most}`;
  return number(mend).refine(
    (value) => Number.isInteger(value) && value >= least && value <= most,
    mend,
  );
};
const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, { error: `must be one of: ${values.join(", ")}` });
const address = (...schemes: readonly string[]) =>
  z.string().refine(
    (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      return url !== undefined && url.hostname !== "" && schemes.includes(url.protocol);
    },
    `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
  );

/** Sizes that fit any machine Node runs on; what the model allows is checked when it is loaded. */
const MAX_TOKENS = 1_048_576;
const MEBIBYTE = 2 ** 20;

const Environment = z.object({
  DISCORD_TOKEN: z
    .string()
    .regex(/^[\w.~+/=-]{8,}$/, "is no bot token: copy it from the Bot page of your application")
    .optional(),
  DISCORD_API_URL: address("http:", "https:").default("https://discord.com/api"),
  DATABASE_URL: address("postgres:", "postgresql:").optional(),
  DATA_DIR: z.string().default("data"),
  MODEL: z.string().optional(),
  EMBEDDING_MODEL: z.string().optional(),
  INFERENCE_URL: z
    .string()
    .transform((list) => list.split(",").map((each) => each.trim()))
    .pipe(z.array(address("http:", "https:")))
    .optional(),
  INFERENCE_KEY: z.string().optional(),
  INFERENCE_MODEL: z.string().optional(),
  CHAT_TEMPLATE: oneOf("auto", "chatml").default("auto"),
  CONTEXT_TOKENS: wholeBetween(256, MAX_TOKENS).optional(),
  PARALLEL_CONVERSATIONS: wholeBetween(1, 256).optional(),
  KV_CACHE_TYPE: oneOf("f16", "q8_0", "q4_0").default("f16"),
  KV_STORE_MB: wholeBetween(0, 1_048_576).default(2_048),
  MAX_REPLY_TOKENS: wholeBetween(1, MAX_TOKENS).default(1_024),
  MAX_REPLY_PARTS: wholeBetween(1, 100).default(10),
  REPLY_TIMEOUT_SECONDS: wholeBetween(1, 86_400).default(120),
  MAX_QUEUE: wholeBetween(0, 10_000).default(32),
  MAX_QUEUE_PER_USER: wholeBetween(0, 10_000).default(5),
  SHOW_THOUGHTS: oneOf("on", "off").default("off"),
  RECALL_TOKENS: wholeBetween(0, MAX_TOKENS).default(512),
  SUMMARIES: oneOf("auto", "on", "off").default("auto"),
  TELL_TIME: oneOf("on", "off").default("on"),
  TIME_ZONE: z
    .string()
    .transform((text) => toTimeZone(text))
    .refine((zone) => zone !== undefined, "is no time zone: write it as Europe/Berlin, say")
    .optional(),
  SYSTEM_PROMPT: z.string().default(DEFAULT_SYSTEM_PROMPT),
  TEMPERATURE: between(0, 5).optional(),
  TOP_P: between(0, 1).default(0.95),
  TOP_K: wholeBetween(1, 1_000).default(40),
  MIN_P: between(0, 1).default(0.05),
  REPEAT_PENALTY: between(1, 2).default(1),
  SEED: wholeBetween(0, 4_294_967_295).optional(),
  STOP: z
    .string()
    .transform((list) => list.split("|").filter((each) => each.trim() !== ""))
    .default([]),
  GPU: oneOf("auto", "off", "cuda", "vulkan", "metal").default("auto"),
  THREADS: wholeBetween(1, 1_024).optional(),
  LOG_LEVEL: oneOf("trace", "debug", "info", "warn", "error", "silent").default("info"),
  LOG_FORMAT: oneOf("text", "json").default("text"),
  PLAYGROUND_PORT: wholeBetween(0, 65_535).default(4_600),
  SERVE_HOST: z.string().default("127.0.0.1"),
  SERVE_PORT: wholeBetween(0, 65_535).default(4_700),
  SERVE_KEY: z.string().optional(),
});

export type Config = Readonly<ReturnType<typeof parseConfig>>;

/**
 * Empty variables count as not set, so that a line of `.env` can be left blank.
 *
 * @throws {FamiliarError} `config-invalid`, naming every variable that is wrong and its mend
 */
export function parseConfig(environment: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(
    Object.entries(environment)
      .map(([name, value = ""]) => [name, value.trim()] as const)
      .filter(([, value]) => value !== ""),
  );
  const parsed = Environment.safeParse(given);
  const faults = [
    ...new Set(parsed.error?.issues.map(({ message, path }) => `${String(path[0])} ${message}`)),
    ...findContradictions(given),
  ];
  if (parsed.data === undefined || faults.length > 0) throw configError(faults);
  return toConfig(parsed.data);
}

/** What each variable alone cannot tell. */
function findContradictions(given: Readonly<Record<string, string | undefined>>): string[] {
  const { DISCORD_API_URL: apiUrl, DISCORD_TOKEN: token } = given;
  return [
    ...(apiUrl !== undefined && token === undefined
      ? ["DISCORD_TOKEN is missing: DISCORD_API_URL needs the bot's token on that server"]
      : []),
    ...findMissing("MODEL", given),
    ...findMissing("EMBEDDING_MODEL", given),
    ...(given["INFERENCE_URL"] === undefined
      ? ["INFERENCE_KEY", "INFERENCE_MODEL"]
          .filter((name) => given[name] !== undefined)
          .map((name) => `INFERENCE_URL is missing: ${name} is for the server that it names`)
      : []),
  ];
}

function findMissing(
  name: "EMBEDDING_MODEL" | "MODEL",
  { [name]: model }: Readonly<Record<string, string | undefined>>,
): string[] {
  if (model === undefined || isAddress(model) || existsSync(model)) return [];
  return [
    `${name} is not there: no file ${model}; give a path to a .gguf file, or hf:user/repository:Q4_K_M`,
  ];
}

function isAddress(model: string): boolean {
  return /^(?:hf|https?):/.test(model);
}

function configError(faults: readonly string[]): FamiliarError {
  const list = faults.map((fault) => `  - ${fault}`).join("\n");
  const heading =
    faults.length === 1 ? "One setting is wrong:" : `${faults.length} settings are wrong:`;
  const hint = "Settings are read from the environment and from .env; .env.example explains each.";
  return new FamiliarError("config-invalid", `${heading}\n${list}\n${hint}`);
}

function toConfig(data: z.output<typeof Environment>) {
  return {
    discord: { token: data.DISCORD_TOKEN, apiUrl: data.DISCORD_API_URL },
    store: { url: data.DATABASE_URL },
    dataDir: data.DATA_DIR,
    model: {
      /**
       * Undefined: the reference model on Discord, the demo model in the playground. With a server
       * for inference: whose tokens are counted.
       */
      source: data.MODEL,
      chatTemplate: data.CHAT_TEMPLATE,
      contextTokens: data.CONTEXT_TOKENS,
      gpu: data.GPU,
      threads: data.THREADS,
      /** Undefined: as many as fit into the memory. */
      parallelConversations: data.PARALLEL_CONVERSATIONS,
      kvCacheType: data.KV_CACHE_TYPE,
      kvStoreBytes: data.KV_STORE_MB * MEBIBYTE,
    },
    /** Undefined: old turns are found by their words alone, or, as is set, not at all. */
    embedding: { source: data.RECALL_TOKENS === 0 ? undefined : data.EMBEDDING_MODEL },
    /** Servers that generate instead of this process, the first that answers. */
    inference: {
      urls: data.INFERENCE_URL ?? [],
      key: data.INFERENCE_KEY,
      model: data.INFERENCE_MODEL,
    },
    chat: {
      defaultSystemPrompt: data.SYSTEM_PROMPT,
      maxReplyTokens: data.MAX_REPLY_TOKENS,
      maxReplyParts: data.MAX_REPLY_PARTS,
      replyTimeoutMs: data.REPLY_TIMEOUT_SECONDS * 1_000,
      maxWaiting: data.MAX_QUEUE,
      maxWaitingPerUser: data.MAX_QUEUE_PER_USER,
      showThoughts: data.SHOW_THOUGHTS === "on",
      recallTokens: data.RECALL_TOKENS,
      summaries: data.SUMMARIES,
      tellTime: data.TELL_TIME === "on",
      timeZone: data.TIME_ZONE ?? ownTimeZone(),
      sampling: toSampling(data),
    },
    log: { level: data.LOG_LEVEL, format: data.LOG_FORMAT },
    playground: { port: data.PLAYGROUND_PORT },
    serve: { host: data.SERVE_HOST, port: data.SERVE_PORT, key: data.SERVE_KEY },
  };
}

function toSampling(data: z.output<typeof Environment>) {
  return {
    /** Undefined: 0.7, and 0 for the demo model. */
    temperature: data.TEMPERATURE,
    topP: data.TOP_P,
    topK: data.TOP_K,
    minP: data.MIN_P,
    repeatPenalty: data.REPEAT_PENALTY,
    seed: data.SEED,
    stop: data.STOP,
  };
}
