const KEY = "organization";

// Each tab keeps its own choice. A new tab begins with the last choice of any tab.
let chosen = sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

/** The organization that an operator has chosen in this tab; `null`: none is chosen, or the user is not an operator. */
export function chosenOrganization(): string | null {
  return chosen;
}

export function chooseOrganization(id: string | null): void {
  chosen = id;
  for (const storage of [sessionStorage, localStorage]) {
    if (id === null) storage.removeItem(KEY);
    else storage.setItem(KEY, id);
  }
}

/** Chooses an organization and loads the page again, so that no data of another organization stays on it. */
export function showOrganization(id: string): void {
  chooseOrganization(id);
  location.reload();
}
