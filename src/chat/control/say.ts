import type { Place, Speaker } from "../place.ts";
import type { AnswerPorts } from "../reply/answer-ports.ts";
import { toShownEnding } from "../reply/shown-reply.ts";
import type { ShownReplySettings } from "../reply/shown-reply.ts";
import { moveControls } from "./place-controls.ts";

export interface SaidAsFamiliar {
  readonly place: Place;
  readonly text: string;
  readonly by: Speaker;
}

/** Makes the conversation where there is none. */
export async function sayAsFamiliar(
  ports: Pick<AnswerPorts, "conversations" | "replies" | "surface">,
  settings: ShownReplySettings,
  { by, place, text }: SaidAsFamiliar,
): Promise<void> {
  const { conversations, replies, surface } = ports;
  const isParticipant = place.kind !== "channel";
  const conversation = await conversations.open({ place, isParticipant });
  const id = await replies.begin(conversation.id, { model: undefined, askedBy: by.id });
  const view = surface.open({
    place,
    answering: undefined,
    savePart: (part) => replies.savePart(id, part),
    saveControls: (messageId) => moveControls(ports, place, messageId),
    showsTyping: false,
  });
  const ended = { text, thoughts: undefined, reason: "stop" } as const;
  await replies.end(id, { ...ended, usage: undefined, count: undefined });
  await view.finish(toShownEnding({ ...ended, id, number: 1, count: 1 }, settings));
}
