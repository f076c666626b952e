/**
 * A chat as SillyTavern keeps it: a line of JSON for each message, after one about the chat.
 *
 * @see https://docs.sillytavern.app/usage/core-concepts/chatfilemanagement/
 */
export interface ChatFile {
  readonly userName: string;
  readonly characterName: string;
  /** Oldest first. */
  readonly messages: readonly ChatFileMessage[];
}

export interface ChatFileMessage {
  readonly name: string;
  /** `hidden`: shown to people, and no part of any prompt. */
  readonly by: "user" | "character" | "hidden";
  /** None of them empty, and at least one: the "swipes". */
  readonly texts: readonly string[];
  /** Index of the one that is shown. */
  readonly shown: number;
  /** Undefined where the file does not say so in any known way. */
  readonly sentAt: Date | undefined;
}

export interface ReadChatFile extends ChatFile {
  /** Lines that are no JSON, or no message with a text. */
  readonly badLines: number;
}
