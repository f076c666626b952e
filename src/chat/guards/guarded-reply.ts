import type { FinishReason } from "../conversation.ts";
import type { EngineEvent } from "../ports.ts";
import { OtherSpeakerGuard } from "./other-speaker.ts";
import { RepetitionGuard } from "./repetition.ts";
import type { ThoughtHabit } from "./thought-habit.ts";
import { ThoughtSplitter } from "./thoughts.ts";
import type { SplitPiece } from "./thoughts.ts";

export type GuardReason = Extract<FinishReason, "parts" | "repetition" | "other-speaker">;

export interface GuardOptions {
  /** How the others are called in the prompt; none where nobody is named. */
  readonly speakerLabels: readonly string[];
  /** Where a text has to end to fill no more messages than a reply may have. */
  readonly measure: (text: string) => number;
  /** Of the model; undefined where the reply is gone on with, and begins with no thought. */
  readonly habit?: ThoughtHabit | undefined;
}

/** What a model writes, as far as the guards let it through. */
export class GuardedReply {
  readonly #options: GuardOptions;
  readonly #splitter: ThoughtSplitter;
  readonly #thoughtLoop = new RepetitionGuard();
  #thoughts = "";
  /** All that the model has written beside its thoughts, and how much of it is let through. */
  #written = "";
  #length = 0;
  #speech: OtherSpeakerGuard;
  #loop = new RepetitionGuard();

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#splitter = new ThoughtSplitter(options.habit);
    this.#speech = new OtherSpeakerGuard(options.speakerLabels);
  }

  get text(): string {
    return this.#written.slice(0, this.#length);
  }

  get thoughts(): string | undefined {
    const thoughts = this.#thoughts.trim();
    return thoughts === "" ? undefined : thoughts;
  }

  /** It has no text only because the model is known to begin with thoughts. */
  get isAssumedThought(): boolean {
    return this.#splitter.isAssuming;
  }

  /** All that the model wrote, thoughts and what is cut off included. */
  get written(): string {
    return this.#thoughts + this.#written;
  }

  /** Why the reply has to end here, if it has to; the text is cut by then. */
  read(delta: Extract<EngineEvent, { readonly text: string }>): GuardReason | undefined {
    if (delta.type === "text-delta") return this.#take(this.#splitter.push(delta.text));
    this.#splitter.expectText();
    return this.#take({ thoughts: delta.text, text: "", wereThoughts: false, wereText: false });
  }

  /**
   * The reply has ended: what was held back is text after all.
   *
   * @param isWhole the model ended it, no limit did
   */
  finish(isWhole = true): GuardReason | undefined {
    const reason = this.#take(this.#splitter.finish(isWhole));
    if (reason !== undefined) return reason;
    this.#length = this.#written.length;
    return this.#cutToParts();
  }

  #take({ text, thoughts, wereText, wereThoughts }: SplitPiece): GuardReason | undefined {
    if (wereThoughts) this.#takeTextAsThoughts();
    if (wereText) this.#thoughts = "";
    this.#thoughts += thoughts;
    this.#written += text;
    const hasThoughtEnough =
      thoughts !== "" && this.#thoughtLoop.read(this.#thoughts) !== undefined;
    return hasThoughtEnough ? "repetition" : this.#judge();
  }

  #takeTextAsThoughts(): void {
    this.#thoughts += this.#written;
    this.#written = "";
    this.#length = 0;
    this.#speech = new OtherSpeakerGuard(this.#options.speakerLabels);
    this.#loop = new RepetitionGuard();
  }

  #judge(): GuardReason | undefined {
    const speech = this.#speech.read(this.#written);
    const loopEnd = this.#loop.read(this.#written);
    this.#length = Math.min(speech.length, loopEnd ?? speech.length);
    const isSpeech = speech.hasEnded && this.#length === speech.length;
    const reason = isSpeech ? "other-speaker" : loopEnd === undefined ? undefined : "repetition";
    return this.#cutToParts() ?? reason;
  }

  #cutToParts(): GuardReason | undefined {
    const fitting = this.#options.measure(this.text);
    if (fitting >= this.#length) return undefined;
    this.#length = fitting;
    return "parts";
  }
}
