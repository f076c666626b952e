/** Whose settings a panel shows. `direct`: those of direct messages, which inherit from nobody. */
export type PanelScope = "thread" | "channel" | "server" | "direct";

export type PanelPage =
  | "speaking"
  | "replies"
  | "people"
  | "channels"
  | "quota"
  | "sampling"
  | "time"
  | "memory";

/** What the use of a button or a select does; `detail` names the setting, the list or the form. */
export type PanelAction = "show" | "turn" | "choose" | "pick" | "form" | "inherit";

export interface PanelId {
  readonly scope: PanelScope;
  readonly page: PanelPage;
  readonly action: PanelAction;
  readonly detail: string;
}

const SCOPES = ["thread", "channel", "server", "direct"] as const;
const PAGES = [
  "speaking",
  "replies",
  "people",
  "channels",
  "quota",
  "sampling",
  "time",
  "memory",
] as const;
const ACTIONS = ["show", "turn", "choose", "pick", "form", "inherit"] as const;

/** The command's name, by which its components and forms find it. */
const PREFIX = "settings";

/** All that a use needs to know, so that a panel works after a restart. Far below 100 characters. */
export function toPanelId({ action, detail, page, scope }: PanelId): string {
  return [PREFIX, scope, page, action, detail].join(":");
}

/** Undefined for what is no panel's. */
export function parsePanelId(customId: string): PanelId | undefined {
  const [prefix, ...parts] = customId.split(":");
  const scope = SCOPES.find((one) => one === parts[0]);
  const page = PAGES.find((one) => one === parts[1]);
  const action = ACTIONS.find((one) => one === parts[2]);
  if (prefix !== PREFIX || scope === undefined || page === undefined || action === undefined) {
    return undefined;
  }
  return { scope, page, action, detail: parts[3] ?? "" };
}

/** Undefined for what is no page. */
export function parsePage(text: string | undefined): PanelPage | undefined {
  return PAGES.find((page) => page === text);
}
