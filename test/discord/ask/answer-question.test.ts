import type { ChatInputCommandInteraction } from "discord.js";
import { expect, it } from "vitest";
import type { Familiar } from "../../../src/chat/familiar.ts";
import { toChannelId } from "../../../src/chat/ids.ts";
import type { PersonaLibrary } from "../../../src/chat/persona/library.ts";
import type { OneOffEnding, OneOffRequest } from "../../../src/chat/reply/one-off.ts";
import { answerQuestion } from "../../../src/discord/ask/answer-question.ts";
import { createSettings } from "../../support/settings.ts";
import { VirtualTime } from "../reply/virtual-time.ts";

/** Writes until it is stopped. */
class Endless {
  #end: ((ending: OneOffEnding) => void) | undefined;

  write({ view }: OneOffRequest): Promise<OneOffEnding> {
    view.show("On and on");
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  stop(): void {
    this.#end?.({ text: "On and on", thoughts: undefined, notice: { kind: "aborted" } });
  }
}

it("ends a minute before Discord takes no more, and says why", async () => {
  const contents: string[] = [];
  const interaction = {
    id: "9",
    channelId: "5",
    guildId: null,
    locale: "de",
    authorizingIntegrationOwners: { 1: "3" },
    user: { id: "3", displayName: "Ada" },
    member: null,
    editReply: async ({ content }: { content: string }) => contents.push(content),
  };
  const context = {
    familiar: { oneOffs: new Endless() },
    personas: {},
    ...createSettings(),
  };
  const time = new VirtualTime();
  const place = { kind: "direct", id: toChannelId("5") } as const;
  const question = { place, text: "Tell me.", isPrivate: false, schedule: time.schedule };
  const answered = answerQuestion(
    interaction as unknown as ChatInputCommandInteraction,
    context as unknown as typeof context & { familiar: Familiar; personas: PersonaLibrary },
    question,
  );
  await time.advance(14 * 60_000 - 1);
  expect(contents).toEqual(["> Tell me.\nOn and on"]);
  await time.advance(1);
  await answered;
  expect(contents.at(-1)).toBe(
    "> Tell me.\nOn and on\n-# ✂ Abgeschnitten: Discord gibt mir 15 Minuten für die Antwort auf einen Befehl.",
  );
});
