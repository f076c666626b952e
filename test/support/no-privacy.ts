import type { PrivacyStore } from "../../src/chat/privacy/privacy-store.ts";

const done = async () => ({ conversations: [], isDone: true });

/** For what is not about privacy: everybody's words are stored. */
export const noPrivacy: PrivacyStore = {
  read: async () => ({ optedOut: [], forgettings: [] }),
  optOut: async () => {},
  optIn: async () => {},
  addForgetting: async () => {},
  held: async () => [],
  ownWords: async () => ({ words: [], next: undefined }),
  askedReplies: async () => ({ words: [], next: undefined }),
  ownNotes: async () => [],
  ownProposals: async () => [],
  ownTexts: async () => [],
  forgetLearned: async () => {},
  concerned: async () => [],
  forgetWords: done,
  forgetReplies: done,
  forgetAsking: done,
  forgetBeside: async () => {},
  stale: async () => [],
  dropStale: async () => {},
  retentions: async () => [],
  expire: done,
  noteGuilds: async () => {},
  noteLeaving: async () => {},
  guildsLeftBefore: async () => [],
  forgetGuild: done,
};
