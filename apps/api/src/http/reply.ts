/** A reply before it is sent: status, headers beyond those of every reply, and a JSON body; `undefined`: none. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
};

/** An RFC 9457 problem; `members` are those beyond the type, the title and the status. */
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
