import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ApiError, invalidRequest, notFound } from "./api-error.ts";
import { completeChat, reportFailure } from "./complete-chat.ts";
import type { ChatParts } from "./complete-chat.ts";
import { hasKey, isForeign } from "./guard.ts";
import { describeModel, findModel } from "./models.ts";
import { readJson } from "./read-body.ts";
import { tokenize } from "./tokenize.ts";

/** The bindings tell when a connection closes. */
type App = Hono<{ Bindings: HttpBindings }>;
type AppContext = Context<{ Bindings: HttpBindings }>;

export interface AppParts extends ChatParts {
  /** Undefined: everyone on this computer may ask. */
  readonly key: string | undefined;
}

const MAX_BODY_BYTES = 8 * 1024 * 1024;

export function createApp(parts: AppParts): App {
  const { engine, log } = parts;
  const model = describeModel(engine, Math.floor(Date.now() / 1_000));
  const app: App = new Hono();
  app.use((context, next) => {
    assertAllowed(context, parts.key);
    return next();
  });
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => tooLarge().toResponse() }));
  app.get("/health", (context) => context.json({ status: "ok" }));
  app.get("/v1/models", (context) => context.json({ object: "list", data: [model] }));
  app.get("/v1/models/:id{.+}", (context) =>
    context.json(findModel(model, context.req.param("id"))),
  );
  app.post("/v1/chat/completions", async (context) => {
    const gone = new AbortController();
    context.env.outgoing.once("close", () => gone.abort(new Error("The client has left")));
    return await completeChat(parts, await readJson(context.req), gone);
  });
  app.post("/tokenize", async ({ req }) => await tokenize(engine, await readJson(req)));
  app.notFound(({ req }) => notFound(`There is no ${req.method} ${req.path} here.`).toResponse());
  app.onError((error, { env }) => {
    // Nobody reads an answer any more, and leaving is no failure.
    if (env.outgoing.destroyed) return new Response(null, { status: 499 });
    return reportFailure(error, log).toResponse();
  });
  return app;
}

/** The health check alone tells nothing and asks for no key. */
function assertAllowed({ req }: AppContext, key: string | undefined): void {
  if (isForeign(req, key !== undefined)) {
    const message =
      "Web pages may not use this server; without a key it answers only to the names of this computer.";
    throw new ApiError(message, { status: 403, type: "permission_error" });
  }
  if (key === undefined || req.path === "/health" || hasKey(req, key)) return;
  throw invalidRequest("The key is missing or wrong: send it as Authorization: Bearer.", {
    status: 401,
    code: "invalid_api_key",
    headers: { "WWW-Authenticate": "Bearer" },
  });
}

function tooLarge(): ApiError {
  const most = `${MAX_BODY_BYTES / 1024 / 1024} MiB`;
  return invalidRequest(`The request is too large: at most ${most} are read.`, { status: 413 });
}
