import { defineConfig } from "drizzle-kit";
import { urlForMigrations } from "./packages/db/src/migrate/migration-settings.ts";

export default defineConfig({
  dialect: "postgresql",
  schema: "./packages/db/src/schema/*.table.ts",
  out: "./packages/db/migrations",
  dbCredentials: { url: urlForMigrations(process.env.DATABASE_URL ?? "") },
});
