/** Why a file is no card that can be read, each kind with what its sentence names: often nothing. */
export interface CardProblemFacts {
  "card-charx-damaged": unknown;
  "card-charx-encrypted": unknown;
  "card-charx-packed-otherwise": unknown;
  "card-charx-too-large": { readonly mib: number };
  "card-charx-without-card": { readonly fileName: string };
  "card-empty": unknown;
  "card-file-too-large": { readonly mib: number };
  "card-json-cut": unknown;
  "card-json-damaged": unknown;
  "card-json-no-object": unknown;
  "card-lorebook-alone": unknown;
  "card-of-no-known-format": unknown;
  "card-picture-damaged": unknown;
  "card-picture-of-other-format": unknown;
  "card-picture-without-card": unknown;
  "card-text-too-large": { readonly mib: number };
  "card-too-deep": { readonly most: number };
  "card-without-character": unknown;
  "card-with-too-many-fields": { readonly most: number };
}
