import { LimitApiError } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import type { ChannelRecord, MessageRecord } from "../world/records.ts";
import { toTimestampMs } from "../world/snowflake.ts";

/** Limits that no header tells of, set by faults: topics/opcodes-and-status-codes. */
export function requireWriteBudget({ faults }: Backend, channel: ChannelRecord): void {
  const retryAfterMs = faults.takeWrite(channel.id);
  if (retryAfterMs > 0)
    throw new LimitApiError(
      20028,
      "The write action you are performing on the channel has hit the write rate limit",
      retryAfterMs,
    );
}

export function requireEditBudget({ faults, world }: Backend, message: MessageRecord): void {
  const retryAfterMs = faults.takeEdit(world.now() - toTimestampMs(message.id));
  if (retryAfterMs > 0)
    throw new LimitApiError(
      30046,
      "Maximum number of edits to messages older than 1 hour reached. Try again later.",
      retryAfterMs,
    );
}
