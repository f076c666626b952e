import type { HttpBindings } from "@hono/node-server";
import type { Locale } from "discord-api-types/v10";
import type { Context, Hono } from "hono";
import { ApiError, formError, LimitApiError, notFound, unauthorized } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import { type Body, readBody } from "./body.ts";
import type { Strike } from "../faults.ts";
import type { Limits, Window } from "../limits.ts";
import { toLocale } from "./locale.ts";
import type { LimitDecision, RateLimits } from "./rate-limits.ts";
import type { UserRecord } from "../world/records.ts";
import { isSnowflake } from "../world/snowflake.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/api/v10`. */
  readonly path: string;
  readonly limit?: "messageCreate" | "messageEdit" | "webhookWrite";
  /** `open`: without a token of one's own, as the interaction endpoints are. Default `user`. */
  readonly access?: "user" | "open";
  readonly run: (call: Call) => Reply | Promise<Reply>;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

export interface Call {
  readonly backend: Backend;
  /** Who asks. Refuses with 401 where the route is open and there is no token. */
  readonly user: UserRecord;
  readonly query: URLSearchParams;
  readonly body: Body;
  /** As clients send it in `X-Discord-Locale`. */
  readonly locale: Locale;
  /** A snowflake of the path; error 50035 when it is none. */
  id(name: string): string;
  text(name: string): string;
  /** Whether the route's path has this parameter. */
  has(name: string): boolean;
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function created(body: unknown): Reply {
  return { status: 201, body };
}

export const noContent: Reply = { status: 204 };

/** The bindings give the socket, for faults that cut it. */
export type App = Hono<{ Bindings: HttpBindings }>;
type AppContext = Context<{ Bindings: HttpBindings }>;

/** In this order: planned faults, the token, the limits, the work, planned faults again. */
export function register(app: App, route: Route, parts: RouterParts): void {
  const { backend } = parts;
  app.on(route.method, `/api/v10${route.path}`, async (context) => {
    const struck = { method: route.method, path: context.req.path.replace("/api/v10", "") };
    await backend.faults.wait(struck.method, struck.path);
    const before = backend.faults.strike(struck, "before");
    if (before !== undefined) return toStruckResponse(context, before);
    const { reply, headers } = await runLimited(context, route, parts);
    const after = backend.faults.strike(struck, "after");
    return after === undefined ? toResponse(reply, headers) : toStruckResponse(context, after);
  });
}

export interface RouterParts {
  readonly backend: Backend;
  readonly rateLimits: RateLimits;
}

export function toErrorResponse(error: ApiError, headers: Record<string, string> = {}): Response {
  return Response.json(error.toBody(), { status: error.status, headers });
}

async function runLimited(
  context: AppContext,
  route: Route,
  parts: RouterParts,
): Promise<{ reply: Reply; headers: Readonly<Record<string, string>> }> {
  const { backend, rateLimits } = parts;
  const user = findUser(backend, context);
  if (user === undefined && route.access !== "open") throw unauthorized();
  const decision = rateLimits.decide({
    // Without a token of one's own the path is all there is to count by.
    userId: route.access === "open" ? "" : (user?.id ?? ""),
    route: `${route.method} ${route.path}`,
    majorId: majorIdOf(context),
    window: windowOf(backend.limits, route),
    countsGlobally: route.access !== "open",
  });
  if (decision.kind !== "allowed") return refuse(decision);
  try {
    const body = await readBody(context.req.raw);
    const reply = await route.run(createCall(context, { backend, user, body }));
    return { reply, headers: decision.headers };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const headers = { ...decision.headers, ...toRetryHeader(error) };
    return { reply: { status: error.status, body: error.toBody() }, headers };
  }
}

function toRetryHeader(error: ApiError): Record<string, string> {
  if (!(error instanceof LimitApiError)) return {};
  return { "Retry-After": String(Math.ceil(error.retryAfterMs / 1000)) };
}

function refuse(decision: LimitDecision): { reply: Reply; headers: Record<string, string> } {
  const seconds = Number((decision.retryAfterMs / 1000).toFixed(3));
  const body = {
    message: "You are being rate limited.",
    retry_after: seconds,
    global: decision.kind === "global-limited",
  };
  const headers = { ...decision.headers, "Retry-After": String(Math.ceil(seconds)) };
  return { reply: { status: 429, body }, headers };
}

interface CallParts {
  readonly backend: Backend;
  readonly user: UserRecord | undefined;
  readonly body: Body;
}

function createCall(context: AppContext, parts: CallParts): Call {
  const text = (name: string): string => {
    const value = context.req.param(name);
    if (value === undefined) throw notFound();
    return value;
  };
  return {
    backend: parts.backend,
    body: parts.body,
    query: new URL(context.req.url).searchParams,
    locale: toLocale(context.req.header("x-discord-locale")),
    text,
    has: (name) => context.req.param(name) !== undefined,
    get user() {
      if (parts.user === undefined) throw unauthorized();
      return parts.user;
    },
    id(name) {
      const value = text(name);
      if (isSnowflake(value)) return value;
      const field = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      throw formError([field], {
        code: "NUMBER_TYPE_COERCE",
        message: `Value "${value}" is not snowflake.`,
      });
    },
  };
}

/** Bots say `Bot <token>`, people their token alone; the wrong kind is as good as none. */
function findUser(backend: Backend, context: AppContext): UserRecord | undefined {
  const header = context.req.header("authorization") ?? "";
  const [, prefix, token = ""] = /^(Bot )?(.+)$/.exec(header) ?? [];
  const user = backend.world.findUserByToken(token);
  return user?.bot === (prefix !== undefined) ? user : undefined;
}

function majorIdOf(context: AppContext): string {
  const { channelId, guildId, webhookId, token } = context.req.param();
  return channelId ?? guildId ?? `${webhookId ?? ""}${token ?? ""}`;
}

function windowOf(limits: Limits, route: Route): Window {
  return limits[route.limit ?? "other"];
}

function toResponse(reply: Reply, headers: Readonly<Record<string, string>>): Response {
  return reply.status === 204
    ? new Response(null, { status: 204, headers })
    : Response.json(reply.body ?? null, { status: reply.status, headers });
}

function toStruckResponse(context: AppContext, strike: Strike): Response {
  if (strike.kind === "drop") {
    context.env.outgoing.destroy();
    return new Response(null);
  }
  const body = { message: `${strike.status}: planned fault`, code: strike.code };
  return Response.json(body, { status: strike.status });
}
