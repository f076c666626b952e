import type { EngineEvent } from "../chat/ports.ts";

/** A sign of life while a request waits for its turn. */
export interface Waiting {
  readonly type: "waiting";
  /** 1 for the next. */
  readonly place: number;
}

/** All text so far was thought, or all that went for thoughts was text and now comes as such. */
export interface Reclassified {
  readonly type: "reclassified";
  readonly as: "thoughts" | "text";
}

export type ServedEvent = EngineEvent | Waiting | Reclassified;
