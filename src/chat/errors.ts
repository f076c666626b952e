/** What went wrong, for code that must tell failures apart; the message is for operators. */
export type ErrorCode =
  | "config-invalid"
  | "discord-failed"
  | "engine-failed"
  | "input-invalid"
  | "model-invalid"
  | "model-unreachable"
  | "playground-failed"
  | "queue-full"
  | "store-failed"
  | "store-unreachable";

/**
 * An expected failure. The message is one plain sentence that says what is wrong and how to mend
 * it, without anyone's words in it. Anything else that is thrown is a bug.
 */
export class FamiliarError extends Error {
  override readonly name = "FamiliarError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
