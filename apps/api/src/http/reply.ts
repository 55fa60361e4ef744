/** A reply before it is sent: status, its own headers, and a JSON body; `undefined`: no body. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** An RFC 9457 problem document; `members` are added to its type, title and status. */
export function problem(
  status: number,
  title: string,
  headers: Readonly<Record<string, string>> = {},
  members: Readonly<Record<string, string | null>> = {},
): Reply {
  return {
    status,
    headers: { ...headers, "content-type": "application/problem+json" },
    body: { type: "about:blank", title, status, ...members },
  };
}
