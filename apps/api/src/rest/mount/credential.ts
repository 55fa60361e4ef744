import type { Request } from "express";

/** What a request has shown of itself: an API key, or the cookie of a session. */
export type ShownCredential = { readonly kind: "key" | "session"; readonly token: string };

const BEARER = /^bearer +(\S+) *$/i;

/** The prefix lets browsers take the cookie from this host over https only. */
const COOKIE_NAMES = ["__Host-call_ledger_session", "call_ledger_session"] as const;
const SECONDS_OF_30_DAYS = 2_592_000;

/** `null`: none that has a form we know. A key counts before a cookie. */
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

/** The header that gives a browser its session. Over plain http, which is for loopback, the cookie has no prefix. */
export function sessionCookie(token: string, { secure }: Pick<Request, "secure">): string {
  return cookie(token, SECONDS_OF_30_DAYS, secure);
}

/** The header that takes the session away. */
export function endedCookie({ secure }: Pick<Request, "secure">): string {
  return cookie("", 0, secure);
}

function cookie(token: string, seconds: number, secure: boolean): string {
  const name = secure ? COOKIE_NAMES[0] : COOKIE_NAMES[1];
  const rights = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure ? "; Secure" : ""}`;
  return `${name}=${token}; ${rights}`;
}
