/** Stands where the middle of a turn was left out, for people and the model alike. */
export const LEFT_OUT_MARK = "\n[… the middle of this message was left out …]\n";

/**
 * Cuts the middle out of a text until `countTokens` of the rest is at most `maxTokens`. The same
 * text and limit always give the same result, so that the prompt stays the same from turn to turn.
 */
export async function shortenToTokens(
  text: string,
  maxTokens: number,
  countTokens: (text: string) => Promise<number>,
): Promise<string> {
  const characters = Array.from(text);
  let fitting = 0;
  let tooMany = characters.length;
  while (tooMany - fitting > 1) {
    const kept = Math.floor((fitting + tooMany) / 2);
    const fits = (await countTokens(withoutMiddle(characters, kept))) <= maxTokens;
    if (fits) fitting = kept;
    else tooMany = kept;
  }
  return withoutMiddle(characters, fitting);
}

function withoutMiddle(characters: readonly string[], kept: number): string {
  const head = characters.slice(0, Math.ceil(kept / 2));
  const tail = characters.slice(characters.length - Math.floor(kept / 2));
  return [...head, LEFT_OUT_MARK, ...tail].join("");
}
