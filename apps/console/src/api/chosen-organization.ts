const KEY = "organization";

let chosen = sessionStorage.getItem(KEY);

/** The organization that an operator has chosen in this tab; `null`: none is chosen, or the user is not an operator. */
export function chosenOrganization(): string | null {
  return chosen;
}

export function chooseOrganization(id: string | null): void {
  chosen = id;
  if (id === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, id);
}
