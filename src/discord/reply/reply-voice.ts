import type { MessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import type { RestFailure } from "../rest/rest-failure.ts";
import type { MessageOrigins } from "../webhooks/message-origins.ts";
import type { Voice, Voices } from "../webhooks/voices.ts";

export interface VoiceResources {
  readonly origins: MessageOrigins;
  readonly voices: Voices;
}

interface SpokenTarget {
  readonly place: Place;
  readonly isByBot?: boolean;
}

/** The name under which one reply is posted: decided before its first message. */
export class ReplyVoice {
  readonly #resources: VoiceResources;
  readonly #place: Place;
  #decided: Voice | undefined;
  #isRenewed = false;

  constructor(resources: VoiceResources, { isByBot, place }: SpokenTarget) {
    this.#resources = resources;
    this.#place = place;
    if (isByBot === true) this.#decided = "bot";
  }

  /** Undefined while it is not decided. */
  get decided(): Voice | undefined {
    return this.#decided;
  }

  /** False also where its webhook has been changed since. */
  get isReady(): boolean {
    const voice = this.#decided;
    return voice !== undefined && this.#resources.voices.isCurrent(this.#place, voice);
  }

  /** The first message of a reply that is there already decides for what is added to it. */
  async decide(firstId: MessageId | undefined): Promise<void> {
    const { origins, voices } = this.#resources;
    const first = firstId === undefined ? undefined : await origins.find(this.#place, firstId);
    this.#decided = first === "bot" ? "bot" : await voices.choose(this.#place);
  }

  /** A message was not posted. True where it can be in another voice; a lost webhook is renewed once. */
  change(failure: RestFailure): boolean {
    const voice = this.#decided;
    const isFinal = failure.kind === "gone" || failure.kind === "refused";
    if (voice === undefined || voice === "bot" || !isFinal) return false;
    const isLost = this.#resources.voices.refuse(this.#place, voice, failure);
    this.#decided = isLost && !this.#isRenewed ? undefined : "bot";
    this.#isRenewed = true;
    return true;
  }

  /** What was posted through a lost webhook is posted anew. False where that has been done before. */
  renew(): boolean {
    if (this.#isRenewed) return false;
    this.#isRenewed = true;
    const voice = this.#decided;
    if (voice !== undefined && voice !== "bot") this.#resources.voices.lose(this.#place, voice);
    this.#decided = undefined;
    return true;
  }
}
