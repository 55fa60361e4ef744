import type { Request } from "express";

/** The credential of a request: an API key or a session cookie. */
export type ShownCredential = { readonly kind: "key" | "session"; readonly token: string };

const BEARER = /^bearer +(\S+) *$/i;

/** Browsers accept a cookie with the prefix `__Host-` only over https, and only for this host. */
const COOKIE_NAMES = ["__Host-call_ledger_session", "call_ledger_session"] as const;
const SECONDS_OF_30_DAYS = 2_592_000;

/** Reads the credential of a request. A key takes precedence over a cookie. `null`: there is none in a known form. */
export function shownCredential({ headers }: Pick<Request, "headers">): ShownCredential | null {
  if (headers.authorization !== undefined) {
    const [, token] = BEARER.exec(headers.authorization) ?? [];
    return token === undefined ? null : { kind: "key", token };
  }
  const cookies = (headers.cookie ?? "").split(/; */).map((pair) => pair.split("="));
  for (const wanted of COOKIE_NAMES) {
    const [, token] = cookies.find(([name]) => name === wanted) ?? [];
    if (token !== undefined && token !== "") return { kind: "session", token };
  }
  return null;
}

/** The header that gives a browser its session. Over plain http, for loopback only, the cookie's name has no prefix. */
export function sessionCookie(token: string, { secure }: Pick<Request, "secure">): string {
  return cookie(token, SECONDS_OF_30_DAYS, secure);
}

/** The header that makes a browser delete the session cookie. */
export function endedCookie({ secure }: Pick<Request, "secure">): string {
  return cookie("", 0, secure);
}

function cookie(token: string, seconds: number, secure: boolean): string {
  const name = secure ? COOKIE_NAMES[0] : COOKIE_NAMES[1];
  const rights = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure ? "; Secure" : ""}`;
  return `${name}=${token}; ${rights}`;
}
