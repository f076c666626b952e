import { sql } from "drizzle-orm";

/** For PostgreSQL, as `chat/prompt/quote.ts` writes it. */
export const QUOTE_LINE = String.raw`^\[replying to: [^\n]*\]\n`;

/** What is to be set of a turn that loses its quote. */
export const UNQUOTED = sql`content = regexp_replace(content, ${QUOTE_LINE}::text, ''),
  quoted_author_id = null, quoted_message_id = null, token_count = null, token_basis = null`;
