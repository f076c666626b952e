import { settingsTexts } from "../texts/settings.ts";
import {
  describeChoice,
  describePicks,
  describeQuota,
  describeRetention,
  describeSampling,
  describeWakeWords,
  toLine,
  toMentions,
} from "./describe-value.ts";
import { findValue } from "./inheritance.ts";
import { PICK_LISTS } from "./pages.ts";
import type { Choice, FormName, Page, PickName } from "./pages.ts";
import type { PanelView } from "./panel-view.ts";

/** The words of a panel: every setting of the page with its value, and where it comes from. */
export function describePage(view: PanelView, page: Page): string {
  const { language } = view;
  const scope = settingsTexts.scopes[view.scope][language];
  const name = settingsTexts.pages[view.page][language];
  return [
    `### ${scope}: ${name}`,
    ...page.choices.map((choice) => toChoiceLine(view, choice)),
    ...(page.picks === undefined ? [] : toPickLines(view, page.picks)),
    ...page.forms.flatMap((form) => toFormLines(view, form)),
    ...toNotes(view),
  ].join("\n");
}

function toChoiceLine(view: PanelView, choice: Choice): string {
  const { language } = view;
  const { option, source } = describeChoice(view, choice);
  const value = option?.label[language] ?? "";
  return toLine(settingsTexts.names[choice.name][language], { value, source }, language);
}

function toPickLines(view: PanelView, name: PickName): string[] {
  const { language } = view;
  const { source, value } = findValue(view, name);
  return PICK_LISTS.map((list) => {
    const mentions = toMentions(value, list);
    const shown = describePicks(name, list, { language, mentions });
    return toLine(settingsTexts[list][language], { value: shown, source }, language);
  });
}

function toFormLines(view: PanelView, form: FormName): string[] {
  const { language } = view;
  const { names } = settingsTexts;
  switch (form) {
    case "wakeWords": {
      const { source, value } = findValue(view, "wakeWords");
      const shown = { value: describeWakeWords(value, language), source };
      return [toLine(names.wakeWords[language], shown, language)];
    }
    case "overheard": {
      const { source, value } = findValue(view, "overheardMessages");
      return [toLine(names.overheardMessages[language], { value: `${value}`, source }, language)];
    }
    case "quota": {
      const { source, value } = findValue(view, "quota");
      const from = settingsTexts.sources[source][language];
      return [...describeQuota(value, language), `*(${from})*`];
    }
    case "timeZone": {
      const shown = findValue(view, "timeZone");
      return [toLine(names.timeZone[language], shown, language)];
    }
    case "numbers":
      return describeSampling(view, language);
    case "retention": {
      const { source, value: days } = findValue(view, "retentionDays");
      const value = describeRetention(days, language);
      return [toLine(names.retentionDays[language], { value, source }, language)];
    }
    // Both forms of the sampling are described together.
    case "ends":
      return [];
    default:
      return form satisfies never;
  }
}

function toNotes({ language, page }: PanelView): string[] {
  const { howToTakeBack, note } = settingsTexts;
  const common = `-# ${howToTakeBack[language]}`;
  switch (page) {
    case "people":
    case "channels":
    case "quota":
    case "time":
    case "memory":
      return [`-# ${note[page][language]}`, common];
    case "speaking":
    case "replies":
    case "sampling":
      return [common];
    default:
      return page satisfies never;
  }
}
