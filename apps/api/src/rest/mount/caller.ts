import type { Role, Scope } from "@call-ledger/domain";

/** The caller as the audit names it. */
type Actor = {
  readonly kind: "member" | "key" | "operator";
  /** The id of the member or key; `null`: an operator who signed in. */
  readonly id: string | null;
  readonly name: string | null;
};

/** A caller with a valid credential. */
export type Caller = {
  readonly actor: Actor;
  /** The id of the API key or the session. */
  readonly credentialId: string;
  /** `true`: the credential is the cookie of a session; `false`: it is an API key. */
  readonly isSession: boolean;
  readonly isOperator: boolean;
  readonly role: Role | null;
  readonly email: string | null;
  /** The organization whose data the request is about; `null`: an operator who has named no organization. */
  readonly orgId: string | null;
  readonly scopes: ReadonlySet<Scope>;
};

/** A caller of a route that is about one organization. */
export type OrganizationCaller = Caller & { readonly orgId: string };
