import { escapeMarkdown, MessageFlags } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { FoundPersona } from "../../chat/persona/library.ts";
import type { PersonaScope } from "../../chat/persona/persona.ts";
import type { Place } from "../../chat/place.ts";
import { scopeTexts, usedPersonaTexts as texts } from "../texts/personas.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import { toChannel } from "./access.ts";
import type { Requirement } from "./access.ts";
import type { CommandContext } from "./command.ts";
import { placeOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";

const REQUIREMENTS: ReadonlyMap<string | null, Requirement> = new Map([
  ["server", "manage-server"],
  ["channel", "manage-channel"],
  ["thread", "manage-thread"],
]);

export function requirementOfUse({ options }: ChatInputCommandInteraction): Requirement {
  return REQUIREMENTS.get(options.getString("scope")) ?? "manage-place";
}

export async function usePersona(
  interaction: ChatInputCommandInteraction,
  { familiar, personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const target = toTarget(interaction, await placeOf(interaction));
  const name = interaction.options.getString("name");
  if (name === null) {
    await personas.stopUsing(target.scope);
    await interaction.editReply(translate(texts.stopped(target.label), interaction));
    return;
  }
  const isPinned = isPinnedIn(interaction, target);
  const library = libraryOf(interaction);
  const found = await personas.use(target.scope, { library, name, isPinned });
  const hasPrompt = await hasOwnPrompt(familiar, target);
  const sentences = [
    describeUse(found, target, isPinned),
    ...(hasPrompt ? [texts.promptFirst] : []),
  ];
  await interaction.editReply(
    sentences.map((sentence) => translate(sentence, interaction)).join(" "),
  );
}

interface Target {
  readonly scope: PersonaScope;
  /** Undefined for a whole server. */
  readonly place: Place | undefined;
  readonly label: Text;
}

function toTarget({ options }: ChatInputCommandInteraction, here: Place): Target {
  const scope = options.getString("scope");
  if (scope === "server" && here.kind !== "direct") {
    const server = { kind: "guild", id: here.guildId } as const;
    return { scope: server, place: undefined, label: scopeTexts.server };
  }
  const place = scope === "channel" ? toChannel(here) : here;
  return { scope: { kind: "place", id: place.id }, place, label: scopeTexts[place.kind] };
}

/** A thread is a story: unless it asks for the newest, it stays with the persona as it is now. */
function isPinnedIn({ options }: ChatInputCommandInteraction, { place }: Target): boolean {
  const version = options.getString("version");
  return version === null ? place?.kind === "thread" : version === "pinned";
}

function describeUse({ name, version }: FoundPersona, { label }: Target, isPinned: boolean): Text {
  const shown = escapeMarkdown(name);
  if (version === undefined) return texts.builtIn(shown, label);
  return isPinned ? texts.pinned(shown, label, version.number) : texts.newest(shown, label);
}

async function hasOwnPrompt(familiar: Familiar, { place }: Target): Promise<boolean> {
  return place !== undefined && (await familiar.systemPrompts.effective(place)).source === "place";
}
