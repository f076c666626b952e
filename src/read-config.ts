import process from "node:process";
import { config as readDotenv } from "dotenv";
import { parseConfig } from "./config.ts";
import type { Config } from "./config.ts";

/**
 * Settings of the environment and of `.env`; to be read before anything else happens.
 *
 * @throws {FamiliarError} `config-invalid`
 */
export function readConfig(): Config {
  readDotenv({ quiet: true });
  const environment = process.env;
  // libuv's pool serves inference, files and name look-ups alike; it is sized at its first use.
  environment["UV_THREADPOOL_SIZE"] ??= "16";
  return parseConfig(environment);
}
