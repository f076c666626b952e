import type { PersonaContent, PersonaPart } from "./persona.ts";

export const CARD_FORMATS = ["v3-png", "v2-png", "v3-json", "v2-json"] as const;
export type CardFormat = (typeof CARD_FORMATS)[number];

export interface ImportedPersona {
  /** Unchecked: its name may be one that Discord refuses. Its `card` is what `write` needs. */
  readonly content: PersonaContent;
  /** Of these only the beginning fits a persona; the card has them whole. */
  readonly cut: readonly PersonaPart[];
}

/** The files in which people share characters. */
export interface CardFiles {
  readonly maxBytes: number;
  /** @throws {InvalidInput} whose kind says what is wrong */
  read(bytes: Uint8Array, fileName: string): Promise<ImportedPersona>;
  /** With all that the card held which the persona came from. */
  write(content: PersonaContent, format: CardFormat): Promise<Uint8Array>;
}
