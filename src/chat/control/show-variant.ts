import type { LastReply } from "../conversation.ts";
import type { Place } from "../place.ts";
import { InvalidInput } from "../problem.ts";
import type { AnswerPorts } from "../reply/answer-ports.ts";
import { keepIndexes, toRewritten, toShownEnding } from "../reply/shown-reply.ts";
import type { NumberedVariant, ShownReplySettings } from "../reply/shown-reply.ts";
import { moveControls } from "./place-controls.ts";

export interface VariantToShow {
  readonly place: Place;
  readonly last: LastReply;
  readonly target: NumberedVariant;
}

/** From now on the variant belongs to the history, and the reply's messages show it. */
export async function showVariant(
  ports: Pick<AnswerPorts, "conversations" | "replies" | "surface">,
  settings: ShownReplySettings,
  { last, place, target }: VariantToShow,
): Promise<void> {
  const { replies, surface } = ports;
  if (!(await replies.activate(target.id))) throw new InvalidInput({ kind: "variant-unknown" });
  const view = surface.open({
    place,
    answering: undefined,
    savePart: keepIndexes(last.parts, (part) => replies.savePart(target.id, part)),
    saveControls: (messageId) => moveControls(ports, place, messageId),
    rewrites: toRewritten(last, "", (messageId) => replies.dropPart(target.id, messageId)),
    showsTyping: false,
  });
  await view.finish(toShownEnding(target, settings));
}
