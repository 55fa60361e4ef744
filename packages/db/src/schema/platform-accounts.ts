/**
 * The ids of the platform's own accounts, as the migrations insert them: event ids contain them before any look-up.
 * Without a prototype, because the names that are looked up come from requests.
 */
export const PLATFORM_ACCOUNTS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  vapi: "00000000-0000-4000-8000-000000000001",
});
