import { forbidden, unknownUser } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import { gatewayUrl, toApplicationFlags } from "../gateway/gateway-ready.ts";
import { toPartialGuild, toUser } from "../world/present.ts";
import { type Call, ok, type Reply, type Route } from "./routing.ts";

export const userRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/gateway",
    access: "open",
    run: (call) => ok({ url: gatewayUrl(call.backend) }),
  },
  { method: "GET", path: "/gateway/bot", run: readGatewayBot },
  {
    method: "GET",
    path: "/users/@me",
    run: (call) =>
      ok({ ...toUser(call.user), verified: true, mfa_enabled: false, locale: "en-US" }),
  },
  { method: "GET", path: "/users/@me/guilds", run: listGuilds },
  { method: "GET", path: "/users/:userId", run: readUser },
  { method: "GET", path: "/applications/@me", run: readApplication },
  {
    method: "GET",
    path: "/oauth2/applications/@me",
    run: readApplication,
  },
];

function readGatewayBot(call: Call): Reply {
  return ok({
    url: gatewayUrl(call.backend),
    shards: 1,
    session_start_limit: { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 },
  });
}

/** People have no application. */
function readApplication(call: Call): Reply {
  if (!call.user.bot) throw forbidden();
  return ok(toApplication(call.backend));
}

function listGuilds(call: Call): Reply {
  const guilds = [...call.backend.world.guilds.values()].filter((guild) =>
    guild.members.some((member) => member.userId === call.user.id),
  );
  return ok(guilds.map((guild) => toPartialGuild(guild, call.user.id)));
}

function readUser(call: Call): Reply {
  const user = call.backend.world.users.find(call.id("userId"));
  if (user === undefined) throw unknownUser();
  return ok(toUser(user));
}

function toApplication(backend: Backend): Record<string, unknown> {
  const { world } = backend;
  const { application } = world;
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: "",
    summary: "",
    bot_public: true,
    bot_require_code_grant: false,
    verify_key: "0".repeat(64),
    owner: toUser(world.user(application.ownerId)),
    team: null,
    bot: toUser(world.user(application.botUserId)),
    flags: toApplicationFlags(backend),
    approximate_guild_count: world.guilds.size,
    approximate_user_install_count: application.installedBy.length,
    redirect_uris: [],
    interactions_endpoint_url: null,
    role_connections_verification_url: null,
    event_webhooks_url: null,
    event_webhooks_status: 1,
    integration_types_config: { "0": {}, "1": {} },
    tags: [],
  };
}
