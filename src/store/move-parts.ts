import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { ReplyPart, RowId } from "../chat/conversation.ts";
import { listOf } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";

interface Move {
  readonly variantId: RowId;
  readonly part: ReplyPart;
}

/** A step that gives parts their new stretches; the statement must have a step `agreed`. */
export function moveParts(moves: readonly Move[]): readonly CommonTable[] {
  if (moves.length === 0) return [];
  const rows = moves.map(({ part, variantId }): SQL => {
    const { end, index, start } = part;
    return sql`(${variantId}::bigint, ${index}::integer, ${start}::integer, ${end}::integer)`;
  });
  const moved = sql`
    update parts set start_offset = move.start_offset, end_offset = move.end_offset
    from agreed, (values ${listOf(rows)}) as move (variant_id, index, start_offset, end_offset)
    where parts.variant_id = agreed.id and move.variant_id = agreed.id
      and parts.index = move.index`;
  return [["moved", moved]];
}
