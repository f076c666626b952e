import { z } from "zod";
import { ApiError, formError, missingAccess, unknownApplication } from "./api-error.ts";
import { addError, parseForm, text } from "./forms.ts";
import { type Call, created, noContent, ok, type Reply, type Route } from "./routing.ts";
import { parseImageData } from "../world/avatars.ts";
import { saveEmoji } from "../world/emojis.ts";
import { toUser } from "../world/present.ts";
import type { EmojiRecord } from "../world/records.ts";

const all = "/applications/:applicationId/emojis";
const one = `${all}/:emojiId`;

/** resources/emoji: those of an application, for its bot alone. */
export const emojiRoutes: readonly Route[] = [
  { method: "GET", path: all, run: listEmojis },
  { method: "POST", path: all, run: createEmoji },
  { method: "GET", path: one, run: (call) => ok(show(call, findEmoji(call))) },
  { method: "PATCH", path: one, run: renameEmoji },
  { method: "DELETE", path: one, run: deleteEmoji },
];

const maxEmojis = 2000;
const maxBytes = 256 * 1024;

const emojiName = text({ min: 2, max: 32 }).superRefine((name, context) => {
  if (/^\w*$/.test(name)) return;
  addError(context, {
    code: "STRING_TYPE_REGEX",
    message: "String value did not match validation regex.",
  });
});
const createSchema = z.object({ name: emojiName, image: z.string() });
const renameSchema = z.object({ name: emojiName });

function listEmojis(call: Call): Reply {
  requireBot(call);
  const emojis = [...call.backend.world.emojis.values()];
  return ok({ items: emojis.map((emoji) => show(call, emoji)) });
}

async function createEmoji(call: Call): Promise<Reply> {
  requireBot(call);
  const { world } = call.backend;
  const input = parseForm(createSchema, call.body.json);
  const bytes = parseImageData(input.image);
  if (bytes === undefined)
    throw formError(["image"], { code: "IMAGE_INVALID", message: "Invalid image data" });
  if (bytes.length > maxBytes)
    throw formError(["image"], {
      code: "BINARY_TYPE_MAX_SIZE",
      message: "File cannot be larger than 256.0 kb.",
    });
  if ([...world.emojis.values()].some(({ name }) => name === input.name))
    throw formError(["name"], {
      code: "APPLICATION_EMOJI_NAME_ALREADY_TAKEN",
      message: "An emoji with this name already exists",
    });
  if (world.emojis.size >= maxEmojis)
    throw new ApiError(400, 30008, `Maximum number of emojis reached (${maxEmojis})`);
  return created(show(call, await saveEmoji(call.backend, { ...input, bytes })));
}

function renameEmoji(call: Call): Reply {
  const { name } = parseForm(renameSchema, call.body.json);
  const renamed = { ...findEmoji(call), name };
  call.backend.world.emojis.put(renamed);
  return ok(show(call, renamed));
}

function deleteEmoji(call: Call): Reply {
  call.backend.world.emojis.remove(findEmoji(call).id);
  return noContent;
}

function findEmoji(call: Call): EmojiRecord {
  requireBot(call);
  const emoji = call.backend.world.emojis.find(call.id("emojiId"));
  if (emoji === undefined) throw new ApiError(404, 10014, "Unknown Emoji");
  return emoji;
}

function requireBot(call: Call): void {
  const { application } = call.backend.world;
  if (call.id("applicationId") !== application.id) throw unknownApplication();
  if (call.user.id !== application.botUserId) throw missingAccess();
}

function show({ backend }: Call, { id, name }: EmojiRecord): Record<string, unknown> {
  const { world } = backend;
  return {
    id,
    name,
    roles: [],
    user: toUser(world.user(world.application.botUserId)),
    require_colons: true,
    managed: false,
    animated: false,
    available: true,
  };
}
