import type { RowId } from "../../chat/conversation.ts";

/** What a button under a reply does. */
export type ControlAction =
  | "stop"
  | "regenerate"
  | "previous"
  | "next"
  | "continue"
  | "menu"
  | "fork"
  | "remember"
  | "delete";

const ACTIONS: ReadonlySet<string> = new Set<ControlAction>([
  "stop",
  "regenerate",
  "previous",
  "next",
  "continue",
  "menu",
  "fork",
  "remember",
  "delete",
]);

export interface Control {
  readonly action: ControlAction;
  /** Undefined for the one that is being written. */
  readonly replyId: RowId | undefined;
}

/** The prefix of all ids of controls; commands have other names. */
const PREFIX = "reply";

/** All there is to know of a button, so that it works after a restart. Far below 100 characters. */
export function toControlId({ action, replyId }: Control): string {
  return replyId === undefined ? `${PREFIX}:${action}` : `${PREFIX}:${action}:${replyId}`;
}

/** Undefined for what is no control. */
export function parseControlId(customId: string): Control | undefined {
  const [prefix, action = "", id] = customId.split(":");
  if (prefix !== PREFIX || !isAction(action)) return undefined;
  if (id === undefined) return { action, replyId: undefined };
  return /^\d{1,15}$/.test(id) ? { action, replyId: Number(id) } : undefined;
}

function isAction(text: string): text is ControlAction {
  return ACTIONS.has(text);
}
