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
  return parseConfig(process.env);
}
