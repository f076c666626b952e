import { chat } from "./chat.ts";
import type { Command } from "./command.ts";
import { history } from "./history.ts";
import { ping } from "./ping.ts";
import { reset } from "./reset.ts";
import { sampling } from "./sampling.ts";
import { system } from "./system.ts";

export const commands: readonly Command[] = [chat, system, sampling, reset, history, ping];
