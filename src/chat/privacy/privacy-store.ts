import type { RowId } from "../conversation.ts";
import type { ChannelId, GuildId, UserId } from "../ids.ts";
import type { Note } from "../memory/note.ts";
import type { Place } from "../place.ts";

/** Where something of a person's is: in all places, in those of a server, or in direct messages. */
export type PrivacyScope =
  | { readonly kind: "everywhere" }
  | { readonly kind: "guild"; readonly id: GuildId }
  | { readonly kind: "direct" };

export interface PersonIn {
  readonly userId: UserId;
  readonly scope: PrivacyScope;
}

/** What there is of a person in one server, in numbers. */
export interface Held {
  /** Undefined for direct messages. */
  readonly guildId: GuildId | undefined;
  readonly messages: number;
  /** Where these are. */
  readonly places: number;
  /** Replies that the person asked for. */
  readonly replies: number;
  readonly notesAbout: number;
  /** About something else. */
  readonly notesBy: number;
  /** What Familiar would remember, and the person has yet to decide on. */
  readonly proposals: number;
  /** What they did not want remembered, of which nothing but a hash is kept. */
  readonly discarded: number;
  /** Replies of the last day that count against a quota. */
  readonly usages: number;
  /** Settings, system prompts and personas that name the person. */
  readonly settings: number;
}

/** A message of a person's, or a reply that they asked for. */
export interface OwnWords {
  readonly place: Place;
  readonly saidAt: Date;
  readonly text: string;
}

/** What a person wrote for others to use. */
export interface OwnText {
  readonly kind: "persona" | "system-prompt";
  /** Undefined for direct messages. */
  readonly guildId: GuildId | undefined;
  /** The persona's name, or the id of the place that the prompt is for. */
  readonly of: string;
  readonly writtenAt: Date;
  readonly text: string;
}

/** From where the next page goes on; undefined for the first one. */
export interface OwnPage {
  readonly words: readonly OwnWords[];
  /** Undefined where there is no more. */
  readonly next: OwnCursor | undefined;
}

export type OwnCursor = readonly [RowId, RowId];

/** Someone had Familiar forget what they had said until then. */
export interface Forgetting extends PersonIn {
  readonly until: Date;
}

/** Who wants what to be kept out. */
export interface WithheldStore {
  read(): Promise<{
    readonly optedOut: readonly UserId[];
    readonly forgettings: readonly Forgetting[];
  }>;
  /** Nothing is learned of them either, and what they have yet to decide on is withdrawn. */
  optOut(userId: UserId): Promise<void>;
  optIn(userId: UserId): Promise<void>;
  /** From now on, nothing older is stored. */
  addForgetting(forgetting: Forgetting): Promise<void>;
}

/** A conversation, and the place that it belongs to. */
export interface StoredPlace {
  readonly id: RowId;
  readonly place: Place;
}

/** A server that Familiar is in, and its channels and threads, as far as they are known. */
export interface KnownGuild {
  readonly id: GuildId;
  readonly placeIds: readonly ChannelId[];
}

export interface StaleEvaluation {
  /** It may be gone. */
  readonly conversationId: RowId;
  /** What is deleted later is for later. */
  readonly upTo: RowId;
}

/** A step of something that takes several, each short. */
export interface Step {
  /** In which something went. */
  readonly conversations: readonly RowId[];
  readonly isDone: boolean;
}

/** Failures as with `ConversationStore`. */
export interface PrivacyStore extends WithheldStore {
  /** One for each server where there is anything, and for direct messages. */
  held(person: PersonIn): Promise<readonly Held[]>;
  /** By place, each oldest first. */
  ownWords(person: PersonIn, after: OwnCursor | undefined): Promise<OwnPage>;
  /** Oldest first. */
  askedReplies(person: PersonIn, after: OwnCursor | undefined): Promise<OwnPage>;
  /** About the person, or by them; oldest first. */
  ownNotes(person: PersonIn): Promise<readonly Note[]>;
  /** What they have yet to decide on; oldest first. */
  ownProposals(person: PersonIn): Promise<readonly OwnWords[]>;
  /** System prompts and personas that say that they are the person's; oldest first. */
  ownTexts(person: PersonIn): Promise<readonly OwnText[]>;
  /** Where they have spoken, were quoted, or have asked for a reply. */
  concerned(person: PersonIn): Promise<readonly StoredPlace[]>;
  /** What was to be learned of the person, and whether they consent to it. */
  forgetLearned(person: PersonIn): Promise<void>;
  /** Takes away some of what a person said, and quotes of it; call it until that is done. */
  forgetWords(person: PersonIn): Promise<Step>;
  /** The same with the replies that they asked for. */
  forgetReplies(person: PersonIn): Promise<Step>;
  /** Of these, only who asked for them. */
  forgetAsking(person: PersonIn): Promise<Step>;
  /**
   * Notes about the person and by them, their quota's ledger, and their name where it stands beside
   * something else.
   */
  forgetBeside(person: PersonIn): Promise<void>;
  /**
   * Conversations of which the engine may still have what was deleted by one of these, or was read in
   * a note that was.
   */
  stale(): Promise<readonly StaleEvaluation[]>;
  /** The engine has forgotten it. */
  dropStale(evaluation: StaleEvaluation): Promise<void>;
  /** Servers that keep what was said for so many days only. */
  retentions(): Promise<readonly { readonly guildId: GuildId; readonly days: number }[]>;
  /** Takes away some of what was said in a server before a time. */
  expire(guildId: GuildId, before: Date): Promise<Step>;
  /** Which servers there are: any other that something is stored of was left by now. */
  noteGuilds(guilds: readonly KnownGuild[], at: Date): Promise<void>;
  noteLeaving(guild: KnownGuild, at: Date): Promise<void>;
  guildsLeftBefore(time: Date): Promise<readonly GuildId[]>;
  /** Takes away some of all that there is of a server; at last, its settings and personas. */
  forgetGuild(guildId: GuildId): Promise<Step>;
}
