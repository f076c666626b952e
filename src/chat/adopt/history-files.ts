/** A chat as other programs keep it in a file. */
export interface FiledChat {
  readonly userName: string;
  readonly characterName: string;
  /** Oldest first. */
  readonly messages: readonly FiledMessage[];
}

export interface FiledMessage {
  readonly name: string;
  /** `hidden`: shown to people, and no part of any prompt. */
  readonly by: "user" | "character" | "hidden";
  /** None of them empty, and at least one. */
  readonly texts: readonly string[];
  /** Index of the one that belongs to the history. */
  readonly shown: number;
  /** Undefined where the file does not tell. */
  readonly sentAt: Date | undefined;
}

export interface HistoryFiles {
  readonly maxBytes: number;
  /** @throws {InvalidInput} where it is no such file, or more than can be read */
  read(bytes: Uint8Array): FiledChat & { readonly badLines: number };
  write(chat: FiledChat): string;
}
