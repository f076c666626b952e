import type { RowId } from "../../chat/conversation.ts";

/** What a person decides about a proposal. */
export type ProposalAction = "keep" | "discard";

export interface ProposalPress {
  readonly action: ProposalAction;
  readonly id: RowId;
}

/** The prefix of all ids of such buttons; commands have other names. */
const ID = /^learning:(keep|discard):(\d{1,15})$/;

/** All there is to know of a button, so that it works after a restart. */
export function toProposalId({ action, id }: ProposalPress): string {
  return `learning:${action}:${id}`;
}

/** Undefined for what is no such button. */
export function parseProposalId(customId: string): ProposalPress | undefined {
  const [, action, id] = ID.exec(customId) ?? [];
  if (id === undefined) return undefined;
  return { action: action === "keep" ? "keep" : "discard", id: Number(id) };
}
