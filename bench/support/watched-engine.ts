import type { ReplyUsage } from "../../src/chat/conversation.ts";
import type { Engine, GenerationRequest, PromptMessage } from "../../src/chat/ports.ts";

interface WatchedReply {
  readonly messages: readonly PromptMessage[];
  readonly reason: string;
  readonly usage: ReplyUsage;
  /** On the clock of `performance`, as all times here. */
  readonly askedAt: number;
  readonly firstTokenAt: number;
  readonly lastTokenAt: number;
}

export interface EngineWatch {
  readonly engine: Engine;
  /** The reply that ended last. */
  latest(): WatchedReply;
  /** The one that ended since this was last called, if any did. */
  takeLatest(): WatchedReply | undefined;
}

/** An engine that notes when each reply began and ended, and changes nothing. */
export function watchEngine(engine: Engine): EngineWatch {
  let latest: WatchedReply | undefined;
  return {
    engine: {
      modelName: engine.modelName,
      countBasis: engine.countBasis,
      contextTokens: engine.contextTokens,
      overheadTokens: engine.overheadTokens,
      parallelReplies: engine.parallelReplies,
      countTokens: (message) => engine.countTokens(message),
      forget: (conversationId, remaining) => engine.forget(conversationId, remaining),
      generate: (request) => watch(engine, request, (reply) => (latest = reply)),
    },
    latest() {
      if (latest === undefined) throw new Error("No reply has ended yet");
      return latest;
    },
    takeLatest() {
      const taken = latest;
      latest = undefined;
      return taken;
    },
  };
}

async function* watch(
  engine: Engine,
  request: GenerationRequest,
  onEnd: (reply: WatchedReply) => void,
) {
  const askedAt = performance.now();
  const { messages } = request;
  for await (const event of engine.generate(request)) {
    if (event.type === "end") {
      const { reason, usage } = event;
      const firstTokenAt = askedAt + usage.firstTokenMs;
      onEnd({ messages, reason, usage, askedAt, firstTokenAt, lastTokenAt: performance.now() });
    }
    yield event;
  }
}
