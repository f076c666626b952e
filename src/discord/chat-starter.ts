import { chatTexts } from "./texts/chat.ts";

/** Whether Familiar shows there what someone said with `/chat`: those are not its own words. */
export function isChatStarter(content: string): boolean {
  const who = /^<@\d+>/.exec(content)?.[0];
  if (who === undefined) return false;
  const { de, en } = chatTexts.starterWithWords(who, "");
  return content.startsWith(en) || content.startsWith(de);
}
