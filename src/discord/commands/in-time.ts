import { failureTexts } from "../texts/failures.ts";
import { Mistake } from "../texts/mistake.ts";

/** @throws {Mistake} where it takes longer: Discord gives three seconds for the first answer */
export async function inTime<Value>(task: Promise<Value>, waitMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Mistake(failureTexts.tooSlow)), waitMs);
  });
  try {
    return await Promise.race([task, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
