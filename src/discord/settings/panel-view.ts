import type { Language } from "../texts/text.ts";
import type { Inheritance } from "./inheritance.ts";
import type { PanelPage, PanelScope } from "./panel-id.ts";

/** The roles and channels that are there still: Discord shows no others in a select. */
export interface KnownIds {
  readonly roles: ReadonlySet<string>;
  readonly channels: ReadonlySet<string>;
}

export interface PanelView extends Inheritance {
  readonly scope: PanelScope;
  readonly page: PanelPage;
  /** Those that there are here, with whether the person may change them. */
  readonly scopes: readonly { readonly scope: PanelScope; readonly isOpen: boolean }[];
  readonly language: Language;
  /** Undefined where there is no server, or nothing is known of it. */
  readonly known: KnownIds | undefined;
}
