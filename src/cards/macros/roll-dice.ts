/** Such as `20`, `d20`, `2d6` and `2d6+3`. */
const DICE = /^(?:(\d{0,3})d)?(\d{1,6})([+-]\d{1,6})?$/i;
const MAX_DICE = 100;

/** Undefined for what names no dice, or more than a hundred. */
export function rollDice(text: string, random: () => number): number | undefined {
  const [match, countText, sidesText, addedText = "0"] = DICE.exec(text) ?? [];
  const count = Number(countText === undefined || countText === "" ? 1 : countText);
  const sides = Number(sidesText);
  if (match === undefined || count < 1 || count > MAX_DICE || sides < 1) return undefined;
  const rolls = Array.from({ length: count }, () => 1 + Math.floor(random() * sides));
  return rolls.reduce((total, roll) => total + roll, Number(addedText));
}
