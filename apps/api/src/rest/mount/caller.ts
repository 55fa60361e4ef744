import type { Role, Scope } from "@call-ledger/domain";

/** Who asks, as the audit names it. */
type Actor = {
  readonly kind: "member" | "key" | "operator";
  /** Of the member or key; `null` for an operator who signed in. */
  readonly id: string | null;
  readonly name: string | null;
};

/** Whoever has shown a credential that holds. */
export type Caller = {
  readonly actor: Actor;
  /** Of the API key or the session. */
  readonly credentialId: string;
  /** A cookie was shown, not a key. */
  readonly isSession: boolean;
  readonly isOperator: boolean;
  readonly role: Role | null;
  readonly email: string | null;
  /** Whose data is asked for; `null` for an operator who has named no organization. */
  readonly orgId: string | null;
  readonly scopes: ReadonlySet<Scope>;
};

/** A caller of a route that is about one organization. */
export type OrganizationCaller = Caller & { readonly orgId: string };
