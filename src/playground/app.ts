import { Hono } from "hono";
import { answerRoutes } from "./rest/answer-routes.ts";
import { ApiError, methodNotAllowed, notFound } from "./rest/api-error.ts";
import { serveAttachment } from "./world/attachment-file.ts";
import { channelRoutes } from "./rest/channel-routes.ts";
import { commandRoutes } from "./rest/command-routes.ts";
import { emojiRoutes } from "./rest/emoji-routes.ts";
import { guildRoutes } from "./rest/guild-routes.ts";
import { interactionRoutes } from "./rest/interaction-routes.ts";
import { messageRoutes } from "./rest/message-routes.ts";
import { isForeign } from "./rest/origin-guard.ts";
import { servePageFile } from "./page.ts";
import {
  type App,
  register,
  type Route,
  type RouterParts,
  toErrorResponse,
} from "./rest/routing.ts";
import { toSessionInfo } from "./session-info.ts";
import { threadRoutes } from "./rest/thread-routes.ts";
import { userRoutes } from "./rest/user-routes.ts";
import { webhookRoutes } from "./rest/webhook-routes.ts";
import { webhookTokenRoutes } from "./rest/webhook-token-routes.ts";
import { serveAvatar } from "./world/avatars.ts";

/** Literal paths stand before those with parameters in the same place. */
const routes: readonly Route[] = [
  ...userRoutes,
  ...guildRoutes,
  ...channelRoutes,
  ...messageRoutes,
  ...threadRoutes,
  ...commandRoutes,
  ...emojiRoutes,
  ...interactionRoutes,
  ...answerRoutes,
  ...webhookRoutes,
  ...webhookTokenRoutes,
];

export function createApp(
  parts: RouterParts & { readonly onFault: (error: unknown) => void },
): App {
  const { world } = parts.backend;
  const app: App = new Hono();
  app.use(async (context, next) => {
    if (isForeign(context.req))
      return Response.json({ message: "foreign origin" }, { status: 403 });
    return next();
  });
  for (const route of routes) register(app, route, parts);
  for (const path of new Set(routes.map((route) => route.path)))
    app.all(`/api/v10${path}`, () => toErrorResponse(methodNotAllowed()));
  app.all("/api/:version{v\\d+}/*", (context) =>
    context.req.param("version") === "v10"
      ? toErrorResponse(notFound())
      : toErrorResponse(new ApiError(400, 50041, "Invalid API version")),
  );
  app.get("/playground/session", () =>
    Response.json(toSessionInfo(parts.backend), { headers: { "Cache-Control": "no-store" } }),
  );
  app.get("/attachments/:channelId/:attachmentId/:filename", async (context) => {
    await parts.backend.faults.wait("GET", context.req.path);
    return await serveAttachment(parts.backend, context.req.param());
  });
  app.get("/avatars/:ownerId/:filename", (context) =>
    serveAvatar(parts.backend, context.req.param("filename")),
  );
  app.get("/", async (context) => {
    // One origin only: the addresses that the page is given name the number, not "localhost".
    if (context.req.header("host")?.startsWith("localhost") === true)
      return context.redirect(`${world.origin}/`);
    return (await servePageFile("index.html", world.origin)) ?? toErrorResponse(notFound());
  });
  app.get("/page/*", async (context) => {
    const name = context.req.path.replace("/page/", "");
    return (await servePageFile(name, world.origin)) ?? toErrorResponse(notFound());
  });
  app.notFound(() => toErrorResponse(notFound()));
  app.onError((error) => {
    if (error instanceof ApiError) return toErrorResponse(error);
    parts.onFault(error);
    return toErrorResponse(new ApiError(500, 0, "500: Internal Server Error"));
  });
  return app;
}
