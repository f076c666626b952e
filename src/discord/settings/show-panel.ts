import type { BaseInteraction } from "discord.js";
import type { Place } from "../../chat/place.ts";
import { toLanguage } from "../texts/text.ts";
import type { CommandContext } from "../commands/command.ts";
import type { Inheritance, Level } from "./inheritance.ts";
import type { KnownIds } from "./panel-view.ts";
import { renderPanel } from "./render-panel.ts";
import type { Panel } from "./render-panel.ts";
import type { PanelPage } from "./panel-id.ts";
import { mayChange, targetsIn } from "./scopes.ts";
import type { Target } from "./scopes.ts";

export interface Shown {
  readonly here: Place;
  readonly target: Target;
  readonly page: PanelPage;
}

/** The panel as it is now. */
export async function showPanel(
  interaction: BaseInteraction,
  context: CommandContext,
  { here, page, target }: Shown,
): Promise<Panel> {
  const [inheritance, scopes] = await Promise.all([
    readInheritance(context, target),
    Promise.all(
      targetsIn(here).map(async (one) => ({
        scope: one.scope,
        isOpen: await mayChange(interaction, context.familiar, one),
      })),
    ),
  ]);
  const language = toLanguage(interaction.locale);
  const known = toKnownIds(interaction);
  return renderPanel({ ...inheritance, scope: target.scope, page, scopes, language, known });
}

export async function readInheritance(
  { familiar, personas, settings }: CommandContext,
  { chain, place }: Target,
): Promise<Inheritance> {
  const [levels, persona] = await Promise.all([
    Promise.all(
      chain.map(async (one, index): Promise<Level> => ({
        source: index === 0 ? "own" : one.kind === "guild" ? "server" : "channel",
        overrides: await settings.overrides(one),
      })),
    ),
    place === undefined ? undefined : personas.effective(place),
  ]);
  return {
    levels,
    defaults: settings.defaults,
    sampling: familiar.defaultSampling,
    persona: persona?.content.sampling ?? {},
  };
}

function toKnownIds({ client, guildId }: BaseInteraction): KnownIds | undefined {
  const guild = client.guilds.cache.get(guildId ?? "");
  if (guild === undefined) return undefined;
  return {
    roles: new Set(guild.roles.cache.keys()),
    channels: new Set(guild.channels.cache.keys()),
  };
}
