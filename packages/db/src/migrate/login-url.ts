const SUPABASE_POOLER = /\.pooler\.supabase\.com$/;
const SESSION_MODE = "5432";
const TRANSACTION_MODE = "6543";

/**
 * Returns the URL of a login for the database that its owner reaches at `ownerUrl` as the role `owner`. Supabase's
 * pooler serves many projects and needs the project after the role, as in `postgres.<project>`:
 * https://supabase.com/docs/guides/database/connecting-to-postgres. There the login gets the transaction mode, whose
 * connections are shared; the owner uses the session mode.
 */
export function loginUrl(
  ownerUrl: string,
  owner: string,
  login: { readonly name: string; readonly password: string },
): string {
  const url = new URL(ownerUrl);
  const user = decodeURIComponent(url.username);
  const project = user.startsWith(`${owner}.`) ? user.slice(owner.length) : "";
  url.username = encodeURIComponent(`${login.name}${project}`);
  url.password = encodeURIComponent(login.password);
  if (SUPABASE_POOLER.test(url.hostname) && ["", SESSION_MODE].includes(url.port))
    url.port = TRANSACTION_MODE;
  return url.href;
}
