import { z } from "zod";
import type { Engine } from "../chat/ports.ts";
import { Messages } from "./chat-request.ts";
import { countPrompt, countText } from "./count-tokens.ts";
import { checkBody } from "./read-body.ts";

const Text = z.string({ error: "must be text" });

const TokenizeBody = z.union(
  [z.object({ content: Text }), z.object({ prompt: Text }), z.object({ messages: Messages })],
  { error: "must have content, prompt (a text) or messages" },
);

/**
 * Answers `POST /tokenize` as vLLM does, without the tokens themselves: of messages what their whole
 * prompt takes, of a text what it takes alone.
 */
export async function tokenize(engine: Engine, body: unknown): Promise<Response> {
  const data = checkBody(TokenizeBody, body);
  const count =
    "messages" in data
      ? await countPrompt(engine, data.messages)
      : await countText(engine, "content" in data ? data.content : data.prompt);
  return Response.json({ count, max_model_len: engine.contextTokens });
}
