import { expect, it } from "vitest";
import { fitOf, parseAskedDates } from "../../../src/chat/memory/asked-dates.ts";

it.each<[string, number[], number[], number[]]>([
  ["What happened in May 2023?", [5], [2023], []],
  ["Who came on 3 May, 2023?", [5], [2023], [3]],
  ["Who came on the 21st of june?", [6], [], [21]],
  ["Who came on March 12?", [3], [], [12]],
  ["between July and August 2022 and 2024", [7, 8], [2022, 2024], []],
  ["What did you say on 2024-02-29?", [2], [2024], [29]],
  ["May I march with you?", [5], [], []],
  ["you may march", [], [], []],
  ["room 2023b, flight 20235", [], [], []],
  ["in May 2023", [5], [2023], []],
])("reads in %j the months %j, the years %j and the days %j", (text, months, years, days) => {
  const asked = parseAskedDates(text);
  expect([[...asked.months], [...asked.years], [...asked.days]]).toEqual([months, years, days]);
});

it("fits a moment as well as all that is asked for agrees with it", () => {
  const moment = new Date("2023-05-08T13:56:00Z");
  const fit = (text: string): number => fitOf(parseAskedDates(text), moment);
  expect(fit("When was it?")).toBe(0);
  expect(fit("in May")).toBe(1);
  expect(fit("in 2023")).toBe(1);
  expect(fit("in May 2023")).toBe(1);
  expect(fit("on 8 May 2023")).toBe(2);
  expect(fit("on 9 May 2023")).toBe(1);
  expect(fit("in May 2022")).toBe(0);
  expect(fit("in June 2023")).toBe(0);
});
