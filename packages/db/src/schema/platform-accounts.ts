/**
 * The ids of the platform's own accounts, as the migrations insert them. They are constants because event ids contain
 * them before any look-up. The object has no prototype, because the looked-up names come from requests.
 */
export const PLATFORM_ACCOUNTS: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  vapi: "00000000-0000-4000-8000-000000000001",
});
