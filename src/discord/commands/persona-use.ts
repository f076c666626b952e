import { escapeMarkdown, MessageFlags } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Familiar } from "../../chat/familiar.ts";
import type { FoundPersona } from "../../chat/persona/library.ts";
import type { PersonaScope } from "../../chat/persona/persona.ts";
import type { Place } from "../../chat/place.ts";
import type { CommandContext } from "./command.ts";
import { placeOf } from "./interaction-place.ts";
import { assertMayManage } from "./permissions.ts";
import { assertMayManageServer, libraryOf } from "./persona-access.ts";

export async function usePersona(
  interaction: ChatInputCommandInteraction,
  { familiar, personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const target = await findTarget(interaction, familiar);
  const name = interaction.options.getString("name");
  if (name === null) {
    await personas.stopUsing(target.scope);
    await interaction.editReply(`Done: no persona is chosen for ${target.label} any more.`);
    return;
  }
  const isPinned = isPinnedIn(interaction, target);
  const library = libraryOf(interaction);
  const found = await personas.use(target.scope, { library, name, isPinned });
  const sentences = [describeUse(found, target, isPinned), await describePrompt(familiar, target)];
  await interaction.editReply(sentences.filter((sentence) => sentence !== "").join(" "));
}

interface Target {
  readonly scope: PersonaScope;
  /** Undefined for a whole server. */
  readonly place: Place | undefined;
  /** "this thread", for people. */
  readonly label: string;
}

async function findTarget(
  interaction: ChatInputCommandInteraction,
  familiar: Familiar,
): Promise<Target> {
  const here = await placeOf(interaction);
  const scope = interaction.options.getString("scope");
  if (scope === "server") return toServer(interaction, here);
  if (scope === "thread" && here.kind !== "thread") {
    throw new FamiliarError("input-invalid", "This is no thread: choose another scope.");
  }
  const place = scope === "channel" ? toChannel(here) : here;
  await assertMayManage(interaction, familiar, place);
  return { scope: { kind: "place", id: place.id }, place, label: LABELS[place.kind] };
}

const LABELS: Readonly<Record<Place["kind"], string>> = {
  channel: "this channel and its new threads",
  direct: "our direct messages",
  thread: "this thread",
};

function toChannel(here: Place): Place {
  if (here.kind !== "thread") return here;
  return { kind: "channel", id: here.parentId, guildId: here.guildId };
}

function toServer(interaction: ChatInputCommandInteraction, here: Place): Target {
  if (here.kind === "direct") {
    throw new FamiliarError("input-invalid", "There is no server here: leave the scope out.");
  }
  assertMayManageServer(interaction);
  const scope = { kind: "guild", id: here.guildId } as const;
  return { scope, place: undefined, label: "the whole server" };
}

/** A thread is a story: unless it asks for the newest, it stays with the persona as it is now. */
function isPinnedIn({ options }: ChatInputCommandInteraction, { place }: Target): boolean {
  const version = options.getString("version");
  return version === null ? place?.kind === "thread" : version === "pinned";
}

function describeUse({ name, version }: FoundPersona, { label }: Target, isPinned: boolean) {
  const what = `Done: **${escapeMarkdown(name)}** answers in ${label} from my next reply on`;
  if (version === undefined) return `${what}.`;
  return isPinned
    ? `${what}, as version ${version.number}.`
    : `${what}, always in its newest version.`;
}

async function describePrompt(familiar: Familiar, { place }: Target): Promise<string> {
  if (place === undefined) return "";
  const { source } = await familiar.systemPrompt(place);
  if (source !== "place") return "";
  return "The system prompt set with /system still comes first: /system reset takes it away.";
}
