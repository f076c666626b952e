import type { GuildId, UserId } from "../ids.ts";
import type { ReplyCharge } from "../ports.ts";
import type { Quota } from "./settings.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A reply that someone had written, in the last 24 hours. */
export interface CountedReply {
  readonly ageMs: number;
  readonly tokens: number;
}

/** As the conversations' store does, it rejects with `store-failed` or `store-unreachable`. */
export interface UsageStore {
  /** What a person had written in a server in the last 24 hours, oldest first. */
  read(guildId: GuildId, userId: UserId): Promise<readonly CountedReply[]>;
  /** Counts a reply that is stored nowhere else; others are counted when they end. */
  add(charge: ReplyCharge): Promise<void>;
}

interface UsageSum {
  readonly replies: number;
  readonly tokens: number;
}

export interface Usage {
  readonly lastHour: UsageSum;
  readonly lastDay: UsageSum;
  /** How long until the next reply is free; 0 where it is already. */
  readonly freeInMs: number;
}

/** What a person may still use, by what they have used. `running` replies are not counted yet. */
export function toUsage(counted: readonly CountedReply[], quota: Quota, running = 0): Usage {
  const { repliesPerDay, repliesPerHour, tokensPerDay, tokensPerHour } = quota;
  const day = counted.filter(({ ageMs }) => ageMs < DAY_MS);
  const hour = day.filter(({ ageMs }) => ageMs < HOUR_MS);
  const waits = [
    toWait(hour, { windowMs: HOUR_MS, replies: repliesPerHour, tokens: tokensPerHour, running }),
    toWait(day, { windowMs: DAY_MS, replies: repliesPerDay, tokens: tokensPerDay, running }),
  ];
  return { lastHour: toSum(hour), lastDay: toSum(day), freeInMs: Math.max(...waits) };
}

export function isLimited(quota: Quota): boolean {
  return Object.values(quota).some((limit) => limit !== undefined);
}

function toSum(counted: readonly CountedReply[]): UsageSum {
  const tokens = counted.reduce((sum, reply) => sum + reply.tokens, 0);
  return { replies: counted.length, tokens };
}

interface Limits {
  readonly windowMs: number;
  readonly replies: number | undefined;
  readonly tokens: number | undefined;
  readonly running: number;
}

/** How long until enough of what was counted is older than the window. */
function toWait(
  counted: readonly CountedReply[],
  { replies = Infinity, running, tokens = Infinity, windowMs }: Limits,
): number {
  const byAge = counted.toSorted((one, other) => other.ageMs - one.ageMs);
  let left = toSum(byAge);
  if (isFree(left)) return 0;
  for (const reply of byAge) {
    left = { replies: left.replies - 1, tokens: left.tokens - reply.tokens };
    if (isFree(left)) return windowMs - reply.ageMs;
  }
  // Only what is being written is in the way, and will be counted when it ends.
  return windowMs;

  function isFree(sum: UsageSum): boolean {
    return sum.replies + running < replies && sum.tokens < tokens;
  }
}
