import { expect, it } from "vitest";
import { openDemoEngine } from "../support/model.ts";
import { openServe } from "../support/serve.ts";

interface Message {
  readonly role: string;
  readonly content: string;
}

interface Completion {
  readonly choices: readonly { readonly message: Message }[];
  readonly usage: {
    readonly prompt_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  };
}

/** A client that sends its whole chat with each request, as OpenAI's do. */
class Client {
  readonly #ask: (body: object) => Promise<Response>;
  readonly #messages: Message[];

  constructor(ask: (body: object) => Promise<Response>, topic: string) {
    this.#ask = ask;
    this.#messages = [{ role: "system", content: `You know all about ${topic}. `.repeat(12) }];
  }

  /** Resolves to how many tokens of the prompt were new. */
  async say(text: string): Promise<number> {
    this.#messages.push({ role: "user", content: text });
    const request = { messages: this.#messages, temperature: 0, max_tokens: 12 };
    const { choices, usage } = (await (await this.#ask(request)).json()) as Completion;
    if (choices[0] !== undefined) this.#messages.push(choices[0].message);
    return usage.prompt_tokens - usage.prompt_tokens_details.cached_tokens;
  }
}

it("reads only what is new of a chat that goes on, though other slots are empty", async () => {
  await using engine = await openDemoEngine({ parallelConversations: 3 });
  const { ask } = await openServe(engine);
  const client = new Client(ask, "cats");
  const first = await client.say("Who are you?");
  for (const turn of [1, 2, 3])
    expect(await client.say(`And what else, number ${turn}?`)).toBeLessThan(first / 2);
});

it("keeps chats apart in slots of their own, whichever goes on", async () => {
  await using engine = await openDemoEngine({ parallelConversations: 3 });
  const { ask } = await openServe(engine);
  const clients = ["cats", "dogs", "birds"].map((topic) => new Client(ask, topic));
  const first: number[] = [];
  for (const client of clients) first.push(await client.say("Who are you?"));
  for (const index of [2, 2, 0, 1, 0])
    expect(await clients[index]?.say("And what else?")).toBeLessThan((first[index] ?? 0) / 2);
});
