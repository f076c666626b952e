import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { FamiliarError } from "../src/chat/errors.ts";
import { parseConfig } from "../src/config.ts";

const TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.Gabcde.abcdefghijklmnopqrstuvwxyz0123456789";
const thisFile = fileURLToPath(import.meta.url);

/** The lines of the report, one a fault. */
function faultsOf(environment: NodeJS.ProcessEnv): string[] {
  return reportOn(environment)
    .split("\n")
    .filter((line) => line.startsWith("  - "))
    .map((line) => line.slice(4));
}

function reportOn(environment: NodeJS.ProcessEnv): string {
  try {
    parseConfig(environment);
    return "";
  } catch (error) {
    if (error instanceof FamiliarError && error.code === "config-invalid") return error.message;
    throw error;
  }
}

const defaults = {
  discord: { token: undefined, apiUrl: "https://discord.com/api" },
  store: { url: undefined },
  dataDir: "data",
  model: {
    source: undefined,
    chatTemplate: "auto",
    contextTokens: undefined,
    gpu: "auto",
    threads: undefined,
    parallelConversations: undefined,
    kvCacheType: "f16",
    kvStoreBytes: 2 ** 31,
  },
  embedding: { source: undefined },
  inference: { urls: [], key: undefined, model: undefined },
  chat: {
    defaultSystemPrompt: "You are Familiar, a helpful assistant.",
    maxReplyTokens: 1_024,
    maxReplyParts: 10,
    replyTimeoutMs: 120_000,
    maxWaiting: 32,
    maxWaitingPerUser: 5,
    showThoughts: false,
    recallTokens: 512,
    summaries: "auto",
    tellTime: true,
    timeZone: expect.any(String) as string,
    sampling: {
      temperature: undefined,
      topP: 0.95,
      topK: 40,
      minP: 0.05,
      repeatPenalty: 1,
      seed: undefined,
      stop: [],
    },
  },
  log: { level: "info", format: "text" },
  playground: { port: 4_600 },
  serve: { host: "127.0.0.1", port: 4_700, key: undefined },
};

it("needs no setting at all", () => {
  expect(parseConfig({})).toEqual(defaults);
});

it("takes no notice of other variables", () => {
  expect(parseConfig({ PATH: "/bin", discord_token: "x" })).toEqual(defaults);
});

it("counts blank settings as not set", () => {
  const names = [
    "DISCORD_TOKEN",
    "DISCORD_API_URL",
    "DATABASE_URL",
    "DATA_DIR",
    "MODEL",
    "INFERENCE_URL",
    "INFERENCE_KEY",
    "INFERENCE_MODEL",
    "PARALLEL_CONVERSATIONS",
    "KV_CACHE_TYPE",
    "KV_STORE_MB",
    "MAX_QUEUE",
    "SHOW_THOUGHTS",
    "SUMMARIES",
    "TELL_TIME",
    "TIME_ZONE",
    "STOP",
    "SERVE_KEY",
    "CHAT_TEMPLATE",
    "CONTEXT_TOKENS",
    "MAX_REPLY_TOKENS",
    "SYSTEM_PROMPT",
    "TEMPERATURE",
    "SEED",
    "GPU",
    "THREADS",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "PLAYGROUND_PORT",
  ];
  for (const blank of ["", "  ", undefined]) {
    expect(parseConfig(Object.fromEntries(names.map((name) => [name, blank])))).toEqual(defaults);
  }
});

it("takes every setting", () => {
  expect(
    parseConfig({
      DISCORD_TOKEN: TOKEN,
      DISCORD_API_URL: "http://127.0.0.1:4600/api",
      DATABASE_URL: "postgres://familiar:pass@db.example:5432/familiar",
      DATA_DIR: "/var/lib/familiar",
      MODEL: "hf:TheBloke/DPOpenHermes-7B-GGUF:Q4_K_M",
      EMBEDDING_MODEL: "hf:nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0",
      INFERENCE_URL: "http://gpu-1:8000/v1, https://gpu-2.example",
      INFERENCE_KEY: "key",
      INFERENCE_MODEL: "hermes",
      PARALLEL_CONVERSATIONS: "6",
      KV_CACHE_TYPE: "q8_0",
      KV_STORE_MB: "0",
      MAX_REPLY_PARTS: "3",
      REPLY_TIMEOUT_SECONDS: "30",
      MAX_QUEUE: "8",
      MAX_QUEUE_PER_USER: "2",
      SHOW_THOUGHTS: "on",
      RECALL_TOKENS: "256",
      SUMMARIES: "off",
      TELL_TIME: "off",
      TIME_ZONE: "new york",
      STOP: "\n###|Ada:",
      SERVE_HOST: "0.0.0.0",
      SERVE_PORT: "0",
      SERVE_KEY: "serve key",
      CHAT_TEMPLATE: "chatml",
      CONTEXT_TOKENS: "8192",
      MAX_REPLY_TOKENS: "2048",
      SYSTEM_PROMPT: "Be kind.",
      TEMPERATURE: "0.8",
      TOP_P: ".9",
      TOP_K: "50",
      MIN_P: "0",
      REPEAT_PENALTY: "1.1",
      SEED: "42",
      GPU: "cuda",
      THREADS: "4",
      LOG_LEVEL: "debug",
      LOG_FORMAT: "json",
      PLAYGROUND_PORT: "0",
    }),
  ).toEqual({
    discord: { token: TOKEN, apiUrl: "http://127.0.0.1:4600/api" },
    store: { url: "postgres://familiar:pass@db.example:5432/familiar" },
    dataDir: "/var/lib/familiar",
    embedding: { source: "hf:nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0" },
    model: {
      source: "hf:TheBloke/DPOpenHermes-7B-GGUF:Q4_K_M",
      chatTemplate: "chatml",
      contextTokens: 8_192,
      gpu: "cuda",
      threads: 4,
      parallelConversations: 6,
      kvCacheType: "q8_0",
      kvStoreBytes: 0,
    },
    inference: {
      urls: ["http://gpu-1:8000/v1", "https://gpu-2.example"],
      key: "key",
      model: "hermes",
    },
    chat: {
      defaultSystemPrompt: "Be kind.",
      maxReplyTokens: 2_048,
      maxReplyParts: 3,
      replyTimeoutMs: 30_000,
      maxWaiting: 8,
      maxWaitingPerUser: 2,
      showThoughts: true,
      recallTokens: 256,
      summaries: "off",
      tellTime: false,
      timeZone: "America/New_York",
      sampling: {
        temperature: 0.8,
        topP: 0.9,
        topK: 50,
        minP: 0,
        repeatPenalty: 1.1,
        seed: 42,
        stop: ["###", "Ada:"],
      },
    },
    log: { level: "debug", format: "json" },
    playground: { port: 0 },
    serve: { host: "0.0.0.0", port: 0, key: "serve key" },
  });
});

it("loads no embedding model where nothing is recalled", () => {
  const EMBEDDING_MODEL = "hf:nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0";
  expect(parseConfig({ EMBEDDING_MODEL }).embedding.source).toBe(EMBEDDING_MODEL);
  expect(parseConfig({ EMBEDDING_MODEL, RECALL_TOKENS: "0" }).embedding.source).toBeUndefined();
});

describe("a wrong setting", () => {
  it.each([
    ["DISCORD_TOKEN", "not a token", "copy it from the Bot page of your application"],
    ["DATABASE_URL", "mysql://db/familiar", "begins with postgres:// or postgresql://"],
    ["DATABASE_URL", "db.example", "begins with postgres:// or postgresql://"],
    ["MODEL", "no-such-model.gguf", "no file no-such-model.gguf; give a path to a .gguf file"],
    ["EMBEDDING_MODEL", "nowhere.gguf", "no file nowhere.gguf; give a path to a .gguf file"],
    ["CHAT_TEMPLATE", "alpaca", "must be one of: auto, chatml"],
    ["CONTEXT_TOKENS", "100", "must be a whole number from 256 to 1048576"],
    ["CONTEXT_TOKENS", "4k", "must be a whole number from 256 to 1048576"],
    ["MAX_REPLY_TOKENS", "0", "must be a whole number from 1 to"],
    ["TEMPERATURE", "hot", "must be a number from 0 to 5"],
    ["TEMPERATURE", "0,7", "must be a number from 0 to 5"],
    ["TOP_P", "1.5", "must be a number from 0 to 1"],
    ["TOP_K", "0", "must be a whole number from 1 to 1000"],
    ["MIN_P", "-0.1", "must be a number from 0 to 1"],
    ["REPEAT_PENALTY", "0.5", "must be a number from 1 to 2"],
    ["SEED", "1.5", "must be a whole number from 0 to"],
    ["GPU", "amd", "must be one of: auto, off, cuda, vulkan, metal"],
    ["THREADS", "0x10", "must be a whole number from 1 to 1024"],
    ["LOG_LEVEL", "loud", "must be one of: trace, debug, info, warn, error, silent"],
    ["LOG_FORMAT", "xml", "must be one of: text, json"],
    ["INFERENCE_URL", "gpu-1:8000", "begins with http:// or https://"],
    ["KV_CACHE_TYPE", "f32", "must be one of: f16, q8_0, q4_0"],
    ["PARALLEL_CONVERSATIONS", "0", "must be a whole number from 1 to 256"],
    ["KV_STORE_MB", "-1", "must be a whole number from 0 to"],
    ["REPLY_TIMEOUT_SECONDS", "0", "must be a whole number from 1 to"],
    ["SHOW_THOUGHTS", "yes", "must be one of: on, off"],
    ["SUMMARIES", "yes", "must be one of: auto, on, off"],
    ["TELL_TIME", "yes", "must be one of: on, off"],
    ["TIME_ZONE", "Berlin/Mitte", "is no time zone: write it as Europe/Berlin, say"],
    ["TIME_ZONE", "+02:00", "is no time zone"],
    ["PLAYGROUND_PORT", "65536", "must be a whole number from 0 to 65535"],
  ])("is named once, with its mend: %s=%s", (name, value, mend) => {
    const faults = faultsOf({ [name]: value });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(new RegExp(`^${name} `));
    expect(faults[0]).toContain(mend);
  });

  it("is reported together with all the others, of whatever kind", () => {
    const faults = faultsOf({
      CONTEXT_TOKENS: "many",
      DISCORD_API_URL: "http://127.0.0.1:4600/api",
      GPU: "amd",
      MODEL: "no-such-model.gguf",
      TEMPERATURE: "9",
    });
    expect(new Set(faults.map((fault) => fault.split(" ")[0]))).toEqual(
      new Set(["CONTEXT_TOKENS", "DISCORD_TOKEN", "GPU", "MODEL", "TEMPERATURE"]),
    );
    expect(faults).toHaveLength(5);
  });

  it("is introduced by how many there are, and ends with where settings come from", () => {
    expect(() => parseConfig({ GPU: "amd" })).toThrow(/^One setting is wrong:\n/);
    expect(() => parseConfig({ GPU: "amd", SEED: "x" })).toThrow(/^2 settings are wrong:\n/);
    expect(() => parseConfig({ GPU: "amd" })).toThrow(/\.env\.example explains each\.$/);
  });

  it("that is a secret is never repeated", () => {
    const secrets = {
      DISCORD_TOKEN: "secret token",
      DATABASE_URL: "mysql://familiar:secret@db/familiar",
      DISCORD_API_URL: "ftp://secret",
    };
    expect(faultsOf(secrets)).toHaveLength(3);
    expect(faultsOf(secrets).join("\n")).not.toContain("secret");
  });
});

it("asks for a token where only the API's address is given", () => {
  const apiUrl = "http://127.0.0.1:4600/api";
  expect(faultsOf({ DISCORD_API_URL: apiUrl })[0]).toMatch(/^DISCORD_TOKEN is missing: /);
  expect(faultsOf({ DISCORD_API_URL: apiUrl, DISCORD_TOKEN: TOKEN })).toEqual([]);
});

it("asks for a server where only its key or model is given", () => {
  const faults = faultsOf({ INFERENCE_KEY: "key", INFERENCE_MODEL: "hermes" });
  expect(faults).toHaveLength(2);
  expect(faults.join()).not.toContain("hermes");
  for (const fault of faults) expect(fault).toMatch(/^INFERENCE_URL is missing: /);
});

it.each([thisFile, "hf:user/model:Q4_K_M", "https://models.example/model.gguf"])(
  "takes the model %s",
  (model) => {
    expect(parseConfig({ MODEL: model }).model.source).toBe(model);
  },
);
