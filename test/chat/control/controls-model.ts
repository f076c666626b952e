import type { MessageId } from "../../../src/chat/ids.ts";
import type { Place } from "../../../src/chat/place.ts";
import { writeReply } from "../../support/controls-world.ts";
import { inParts } from "../../support/shown-places.ts";

export interface ModelVariant {
  /** What each of its messages shows. */
  parts: string[];
  isCut: boolean;
}

export type ModelTurn =
  | { readonly role: "user"; readonly messageId: MessageId; text: string }
  | {
      readonly role: "assistant";
      readonly variants: ModelVariant[];
      active: number;
      /** Its messages are elsewhere, until it is written otherwise. */
      isCopied: boolean;
    };

export interface ModelPlace {
  readonly place: Place & { readonly kind: "thread" };
  turns: ModelTurn[];
}

/** What the conversations should be, in the simplest words. */
export class ControlsModel {
  readonly places: ModelPlace[] = [];
  /** How many replies a model has written. */
  replies = 0;

  placeAt(seed: number): ModelPlace {
    const place = this.places[seed % this.places.length];
    if (place === undefined) throw new Error("There is no place yet");
    return place;
  }
}

export function nextReply(model: ControlsModel): ModelVariant {
  model.replies += 1;
  const { isCut, text } = writeReply(model.replies);
  return { parts: inParts(text), isCut };
}

export function newReply(variant: ModelVariant, isCopied = false): ModelTurn {
  return { role: "assistant", variants: [variant], active: 0, isCopied };
}

export function lastReplyOf({ turns }: ModelPlace) {
  return turns.findLast((turn) => turn.role === "assistant");
}

export function activeOf(turn: Extract<ModelTurn, { role: "assistant" }>): ModelVariant {
  const variant = turn.variants[turn.active];
  if (variant === undefined) throw new Error("No variant is active");
  return variant;
}

export function textOf(turn: ModelTurn): string {
  return turn.role === "user" ? turn.text : activeOf(turn).parts.join("");
}

export function copyOf(turn: ModelTurn): ModelTurn {
  if (turn.role === "user") return { ...turn };
  const { isCut, parts } = activeOf(turn);
  return newReply({ parts: inParts(parts.join("")), isCut }, true);
}
