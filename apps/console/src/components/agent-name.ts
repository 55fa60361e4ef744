/** The name of an agent; one without a name has the same short id on every page. */
export function agentName({ id, name }: { readonly id: string; readonly name: string | null }): string {
  return name ?? id.slice(0, 8);
}
