import type { Lore } from "../../src/chat/persona/lore.ts";

/** For what is not about lorebooks. */
export const noLore: Lore = { select: () => Promise.resolve(undefined) };
