import { MessageFlags, Routes } from "discord.js";
import type { Client } from "discord.js";
import { fieldOf } from "../../chat/field-of.ts";
import { toMessageId } from "../../chat/ids.ts";
import type { ChannelId, MessageId } from "../../chat/ids.ts";
import type { ProposalMessage } from "../../chat/learning/proposal.ts";
import type { ProposalSurface, ShowOutcome } from "../../chat/learning/proposal-surface.ts";
import type { Place } from "../../chat/place.ts";
import type { Log } from "../../chat/ports.ts";
import { findPlace } from "../find-place.ts";
import { withDeadline } from "../rest/deadline.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { LanguageOf } from "../texts/place-languages.ts";
import { renderProposals } from "./render-proposals.ts";

const DEADLINE_MS = 20_000;

export interface ProposalSurfaceDependencies {
  readonly client: Client<true>;
  readonly languageOf: LanguageOf;
  readonly log: Log;
}

/** Asks in a message of its own, which pings nobody and shows no previews of links. */
export function createProposalSurface(dependencies: ProposalSurfaceDependencies): ProposalSurface {
  const { client, log } = dependencies;
  return {
    async find(placeId) {
      return await findPlace(client, placeId).catch(() => undefined);
    },
    async post(place, message) {
      const body = toBody(dependencies, place, message);
      try {
        const posted = await withDeadline(DEADLINE_MS, (signal) =>
          client.rest.post(Routes.channelMessages(place.id), { body, signal }),
        );
        return toMessageId(String(fieldOf(posted, "id")));
      } catch (error) {
        log.info({ ...decideRestFailure(error) }, "Nobody could be asked what to remember");
        return undefined;
      }
    },
    show: (place, messageId, message) =>
      change(dependencies, place, (signal) => {
        const body = toBody(dependencies, place, message);
        return client.rest.patch(Routes.channelMessage(place.id, messageId), { body, signal });
      }),
    remove: (place, messageId: MessageId) =>
      change(dependencies, place, (signal) =>
        client.rest.delete(Routes.channelMessage(place.id, messageId), { signal }),
      ),
  };
}

function toBody(
  { languageOf }: ProposalSurfaceDependencies,
  place: Place,
  message: ProposalMessage,
) {
  return {
    ...renderProposals(message, languageOf(place)),
    allowed_mentions: { parse: [] },
    flags: MessageFlags.SuppressEmbeds,
  };
}

/** A thread that sleeps is woken for it, and sleeps on. */
async function change(
  { client, log }: ProposalSurfaceDependencies,
  place: Place,
  request: (signal: AbortSignal) => Promise<unknown>,
): Promise<ShowOutcome> {
  const first = await attempt(request);
  if (first.kind !== "archived") return report(log, first);
  const wake = await attempt((signal) => archive(client, place.id, { archived: false, signal }));
  if (wake.kind !== "done") return report(log, wake);
  const second = await attempt(request);
  await attempt((signal) => archive(client, place.id, { archived: true, signal }));
  return report(log, second);
}

type Attempt = { readonly kind: "done" } | ReturnType<typeof decideRestFailure>;

async function attempt(request: (signal: AbortSignal) => Promise<unknown>): Promise<Attempt> {
  try {
    await withDeadline(DEADLINE_MS, request);
    return { kind: "done" };
  } catch (error) {
    return decideRestFailure(error);
  }
}

function archive(
  { rest }: Client<true>,
  placeId: ChannelId,
  { archived, signal }: { readonly archived: boolean; readonly signal: AbortSignal },
): Promise<unknown> {
  return rest.patch(Routes.channel(placeId), { body: { archived }, signal });
}

function report(log: Log, outcome: Attempt): ShowOutcome {
  if (outcome.kind === "done" || outcome.kind === "gone") return outcome.kind;
  log.info({ ...outcome }, "A proposal could not be shown as it is");
  return "later";
}
