/** The account whose change is open, and a host to allow for it. */
export type AccountsSearch = { readonly account?: string; readonly host?: string };

/** The parameters of a URL's query that belong to the page of accounts. */
export function accountsSearch({ account, host }: Readonly<Record<string, unknown>>): AccountsSearch {
  return {
    ...(typeof account === "string" ? { account } : {}),
    ...(typeof host === "string" ? { host } : {}),
  };
}
