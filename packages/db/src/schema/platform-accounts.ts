/** The ids of the platform's own accounts, as the migrations insert them: event ids contain them before any look-up. */
export const PLATFORM_ACCOUNTS: Readonly<Record<string, string>> = {
  vapi: "00000000-0000-4000-8000-000000000001",
};
