import type { ReplyUsage } from "./conversation.ts";

/** What an engine says while it writes. A stream that is not aborted ends with exactly one `end`. */
export type EngineEvent =
  /** A sign of life while the prompt is read; never follows a text. */
  | {
      readonly type: "progress";
      readonly readTokens: number;
      /** 0 while it is not known. */
      readonly promptTokens: number;
      /** Of those read, what was still evaluated from an earlier turn. Default: 0. */
      readonly reusedTokens?: number | undefined;
    }
  | { readonly type: "text-delta"; readonly text: string }
  /** Reasoning that the engine itself keeps apart from the text. */
  | { readonly type: "thought-delta"; readonly text: string }
  | {
      readonly type: "end";
      readonly reason: "stop" | "length" | "context";
      readonly usage: ReplyUsage;
    };
