/** A longer passage that comes back is not noticed. */
const MAX_PASSAGE = 1_000;

/** A passage of this many characters or more that stands so many times in a row is a loop. */
const MIN_PASSAGE = 16;
const LOOP_TIMES = 4;

/** Shorter ones are judged by the stretch that they fill: "ha ha ha" is no loop. */
const LOOP_STRETCH = 200;

/** Rulers, tables, drawings: nothing but signs, in boxes of any size. */
const WORDLESS_LOOP_STRETCH = 400;

/** Looking costs time in proportion to the tail, so it is done once in so many characters. */
const LOOK_EVERY = 64;

const TAIL = MAX_PASSAGE * LOOP_TIMES;

/**
 * Notices that a growing text says the same passage again and again. Costs the same for each
 * character however long the text is, and finds the same however the stream is cut.
 */
export class RepetitionGuard {
  #nextLook = LOOK_EVERY;

  /** Takes the whole text so far. Where it has to end, with one passage left; else undefined. */
  read(text: string): number | undefined {
    for (; this.#nextLook <= text.length; this.#nextLook += LOOK_EVERY) {
      const period = findPeriod(text, this.#nextLook);
      if (period !== undefined) return findCut(text, this.#nextLook, period);
    }
    return undefined;
  }
}

/**
 * The length of the passage that `text.slice(0, end)` ends with too often. Of each stretch at the
 * end, the prefix function of the text read backwards tells the smallest period.
 */
function findPeriod(text: string, end: number): number | undefined {
  const length = Math.min(end, TAIL);
  const borders = new Uint16Array(length + 1);
  let border = 0;
  for (let stretch = 2; stretch <= length; stretch += 1) {
    const unit = text.charCodeAt(end - stretch);
    while (border > 0 && text.charCodeAt(end - 1 - border) !== unit) border = borders[border] ?? 0;
    if (text.charCodeAt(end - 1 - border) === unit) border += 1;
    borders[stretch] = border;
    const period = stretch - border;
    if (isTooMuch(stretch, period) && isLoop(text.slice(end - period, end), stretch)) return period;
  }
  return undefined;
}

function isTooMuch(stretch: number, period: number): boolean {
  return period >= MIN_PASSAGE ? stretch >= period * LOOP_TIMES : stretch >= LOOP_STRETCH;
}

function isLoop(passage: string, stretch: number): boolean {
  return stretch >= WORDLESS_LOOP_STRETCH || /[\p{L}\p{N}]/u.test(passage);
}

/** The end of the first passage, with the signs that close it. */
function findCut(text: string, end: number, period: number): number {
  let start = end - period;
  while (start > 0 && text[start - 1] === text[start - 1 + period]) start -= 1;
  let cut = start + period;
  while (cut < start + 2 * period && /[\p{P}\uDC00-\uDFFF]/u.test(text[cut] ?? "")) cut += 1;
  return cut;
}
