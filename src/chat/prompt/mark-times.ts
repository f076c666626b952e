import type { Turn } from "../conversation.ts";
import type { Engine, PromptMessage } from "../ports.ts";
import type { PlaceTime } from "../time/place-time.ts";
import { toTimeMarks } from "../time/time-marks.ts";

interface SaidMessage {
  readonly turn: Pick<Turn, "role" | "saidAt">;
  readonly tokens: number;
}

export interface Marked {
  /** Tells when the message was said: Familiar's own word, which nobody who talks can write. */
  readonly mark: PromptMessage | undefined;
}

/** Puts marks of time before what was said, each counted with the message that it stands before. */
export async function markTimes<Said extends SaidMessage>(
  engine: Pick<Engine, "countTokens">,
  said: readonly Said[],
  { isTold, zone }: PlaceTime,
): Promise<readonly (Said & Marked)[]> {
  const turns = said.map(({ turn }) => turn);
  const marks = isTold ? toTimeMarks(turns, zone) : [];
  return await Promise.all(
    said.map(async (message, index) => {
      const text = marks[index];
      if (text === undefined) return { ...message, mark: undefined };
      const mark = { role: "system", text } as const;
      return { ...message, mark, tokens: message.tokens + (await engine.countTokens(mark)) };
    }),
  );
}
