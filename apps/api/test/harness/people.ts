import { LINK_PREFIX, newToken } from "@call-ledger/credentials";
import type { Role } from "@call-ledger/domain";
import type { TestLedger } from "./ledger.ts";

export const BROWSER = { "sec-fetch-site": "same-origin" } as const;

/** Adds a member with a sign-in link, or without a role a link of the operator. Returns the link's token. */
export async function makeLink(
  { sql, orgId }: TestLedger,
  role: Role | null,
  options: { readonly orgId?: string; readonly email?: string } = {},
): Promise<string> {
  const { token, hash } = newToken(LINK_PREFIX);
  const org = options.orgId ?? orgId;
  const email = options.email ?? `${role}-${token.slice(4, 12)}@one.test`;
  const [member] =
    role === null
      ? []
      : await sql`insert into members (org_id, email, name, role) values (${org}, ${email}, ${role}, ${role}) returning id`;
  await sql`insert into sign_in_links (org_id, member_id, token_hash, expires_at)
    values (${role === null ? null : org}, ${member?.id ?? null}, ${hash}, now() + interval '15 minutes')`;
  return token;
}

/** Signs in as a new member. Returns the headers of a page of the service that uses the session. */
export async function signIn(
  api: { readonly url: string },
  ledger: TestLedger,
  role: Role | null,
  options: { readonly orgId?: string; readonly email?: string } = {},
): Promise<{ readonly cookie: string; readonly "sec-fetch-site": string }> {
  const token = await makeLink(ledger, role, options);
  const response = await fetch(`${api.url}/api/v1/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", ...BROWSER },
    body: JSON.stringify({ token }),
  });
  const cookie = response.headers.get("set-cookie")?.split(";")[0];
  if (cookie === undefined) throw new Error(`sign-in answered ${response.status}: ${await response.text()}`);
  return { cookie, ...BROWSER };
}

export type ApiAnswer = {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
};

/** A request: headers, method, path below /api/v1, and a body. */
export type ApiRequest = readonly [headers: object, method: string, path: string, body?: unknown];

/** Sends a request to the REST API, and reads its answer as JSON. */
export async function askApi(
  api: { readonly url: string },
  ...[headers, method, path, body]: ApiRequest
): Promise<ApiAnswer> {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? {} : JSON.parse(text), headers: response.headers };
}
