import { bigint, timestamp } from "drizzle-orm/pg-core";

/** The database's own number of a row. */
export const rowId = () => bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity();

export const moment = () => timestamp({ withTimezone: true });
