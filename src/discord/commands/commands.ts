import { adopt } from "./adopt.ts";
import { ask } from "./ask.ts";
import { chat } from "./chat.ts";
import { forgetMessage, forkFromHere, regenerateMessage } from "../controls/message-commands.ts";
import { importMessage } from "../controls/import-message.ts";
import type { Command, MessageCommand } from "./command.ts";
import { memory } from "./memory.ts";
import { remember } from "./remember.ts";
import { rememberMessage } from "../controls/remember-message.ts";
import { context } from "./context.ts";
import { history } from "./history.ts";
import { persona } from "./persona.ts";
import { ping } from "./ping.ts";
import { privacy } from "./privacy.ts";
import { quota } from "./quota.ts";
import { reset } from "./reset.ts";
import { retry } from "./retry.ts";
import { sampling } from "./sampling.ts";
import { say } from "./say.ts";
import { settings } from "../settings/settings.ts";
import { stop } from "./stop.ts";
import { system } from "./system.ts";
import { undo } from "./undo.ts";

export const commands: readonly Command[] = [
  chat,
  ask,
  persona,
  system,
  sampling,
  stop,
  retry,
  undo,
  say,
  reset,
  remember,
  memory,
  history,
  adopt,
  context,
  settings,
  quota,
  privacy,
  ping,
];

export const messageCommands: readonly MessageCommand[] = [
  forkFromHere,
  regenerateMessage,
  forgetMessage,
  importMessage,
  rememberMessage,
];
