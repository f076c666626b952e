import { FamiliarError } from "./errors.ts";
import type { CardProblemFacts } from "./persona/card-problem.ts";
import type { PersonaPart } from "./persona/persona.ts";
import type { SamplingNumber } from "./sampling.ts";
import type { SettingName } from "./settings/settings.ts";

/** What can be wrong with what people ask for, each kind with what its sentence names: often nothing. */
export interface ProblemFacts extends CardProblemFacts {
  "adoption-under-way": unknown;
  "chat-file-line-too-long": { readonly line: number; readonly mib: number };
  "chat-file-too-large": { readonly mib: number };
  "chat-file-too-many-messages": { readonly most: number };
  "chat-file-without-messages": unknown;
  "export-too-large": unknown;
  "import-opted-out": unknown;
  "learning-opted-out": unknown;
  "message-unknown": unknown;
  "messages-unreadable": unknown;
  "no-persona": unknown;
  "not-asker": unknown;
  "not-moderator": unknown;
  "nothing-to-stop": unknown;
  "nothing-to-undo": unknown;
  "note-empty": unknown;
  "note-foreign": unknown;
  "note-of-opted-out": unknown;
  "note-foreign-to-forget": unknown;
  "note-too-long": { readonly most: number };
  "note-unknown": unknown;
  "persona-built-in": { readonly name: string };
  "persona-foreign": { readonly name: string; readonly whose: "built-in" | "owner" };
  "persona-name-empty": unknown;
  "persona-name-reserved": { readonly name: string };
  "persona-name-too-long": { readonly most: number };
  "persona-name-unprintable": unknown;
  "persona-name-with-refused-word": { readonly word: string };
  "persona-taken": { readonly name: string };
  "persona-text-too-long": {
    readonly text: PersonaPart;
    readonly most: number;
  };
  "persona-unknown": { readonly name: string };
  "persona-version-unknown": { readonly name: string; readonly number: number };
  "proposal-foreign": unknown;
  "proposal-gone": unknown;
  "quota-used-up": { readonly freeAt: Date };
  "reply-complete": unknown;
  "reply-not-last": unknown;
  "reply-to-unstored": unknown;
  "reply-too-old": unknown;
  "reply-under-way": unknown;
  "reply-unknown": unknown;
  "sampling-out-of-range": { readonly name: SamplingNumber };
  "setting-malformed": { readonly name: SettingName };
  "setting-of-server": unknown;
  "stop-string-malformed": { readonly most: number };
  "system-prompt-empty": unknown;
  "system-prompt-too-long": { readonly tokens: number; readonly most: number };
  "threads-impossible": unknown;
  "too-many-greetings": { readonly most: number };
  "too-many-notes": { readonly most: number };
  "too-many-personas": { readonly most: number };
  "too-many-stop-strings": { readonly most: number };
  "variant-missing": unknown;
  "variant-unknown": unknown;
}

export type ProblemKind = keyof ProblemFacts;

export type Problem<Kind extends ProblemKind = ProblemKind> = {
  [Each in Kind]: { readonly kind: Each } & ProblemFacts[Each];
}[Kind];

/**
 * What a person can mend. The words for it are the business of whoever shows it to them; the message
 * is for the log.
 */
export class InvalidInput extends FamiliarError {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super("input-invalid", `Not possible: ${problem.kind}`, options);
    this.problem = problem;
  }
}
