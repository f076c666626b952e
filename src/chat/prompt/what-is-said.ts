import type { Turn } from "../conversation.ts";

/** What Familiar has not replied to yet, or last replied to: the same however often it replies. */
export function toWhatIsSaid(turns: readonly Pick<Turn, "role" | "text">[]): string {
  const said = turns.slice(0, turns.findLastIndex(({ role }) => role === "user") + 1);
  const since = said.findLastIndex(({ role }) => role === "assistant") + 1;
  return said
    .slice(since)
    .map(({ text }) => text)
    .join("\n");
}
