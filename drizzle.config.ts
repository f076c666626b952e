import { defineConfig } from "drizzle-kit";
import { CASING } from "./src/store/schema.ts";

export default defineConfig({
  dialect: "postgresql",
  schema: "./src/store/*schema.ts",
  out: "./migrations",
  casing: CASING,
});
