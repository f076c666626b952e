import { FamiliarError } from "../../chat/errors.ts";
import type { Text } from "./text.ts";

/** What a person can mend, told to them as it is, in their language. */
export class Mistake extends FamiliarError {
  readonly text: Text;

  constructor(text: Text, options?: ErrorOptions) {
    super("input-invalid", text.en, options);
    this.text = text;
  }
}
