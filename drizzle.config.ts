import { defineConfig } from "drizzle-kit";
import { urlWithTimeouts } from "./packages/db/src/migrate/migration-timeouts.ts";

export default defineConfig({
  dialect: "postgresql",
  schema: "./packages/db/src/schema/*.table.ts",
  out: "./packages/db/migrations",
  dbCredentials: { url: urlWithTimeouts(process.env.DATABASE_URL ?? "") },
});
