import type { CallSummary } from "@call-ledger/contract/calls";

export type Page = { readonly data: readonly CallSummary[]; readonly next_cursor: string | null };
/** The data of the infinite query; a parameter is the cursor of its page. */
export type Pages = { pages: Page[]; pageParams: (string | undefined)[] };

/**
 * The rows of the pages, without those that are shown already. A call whose start becomes known moves, and can be in
 * two pages that were read one after the other; it is shown where it comes first.
 */
export function rowsBeside(shown: readonly CallSummary[], pages: readonly Page[]): readonly CallSummary[] {
  const ids = new Set(shown.map(({ id }) => id));
  return pages.flatMap(({ data }) =>
    data.filter(({ id }) => {
      const isNew = !ids.has(id);
      ids.add(id);
      return isNew;
    }),
  );
}

/** The page with these rows in the place of their older ones. */
export function patched(page: Page, rows: ReadonlyMap<string, CallSummary>): Page {
  if (!page.data.some(({ id }) => rows.has(id))) return page;
  return { ...page, data: page.data.map((row) => rows.get(row.id) ?? row) };
}

/** The pages of {@link keptRows}; the old ones if nothing has changed. */
export function keptPages(old: Pages | undefined, fresh: Pages): Pages {
  const known = old?.pages ?? [];
  const pages = fresh.pages.map((page) => (known.includes(page) ? page : keptRows(known, page)));
  return old !== undefined && isSame(old.pages, pages) && isSame(old.pageParams, fresh.pageParams)
    ? old
    : { ...fresh, pages };
}

/**
 * Unchanged rows stay the same objects at every position, so that they are not drawn again; a page of the same rows
 * stays the same page. By default the query compares position by position, and one more call makes all rows new.
 */
export function keptRows(old: readonly (Page | undefined)[], fresh: Page): Page {
  const known = new Map(old.flatMap((page) => page?.data ?? []).map((row) => [row.id, row]));
  const data = fresh.data.map((row) => {
    const before = known.get(row.id);
    return before !== undefined && JSON.stringify(before) === JSON.stringify(row) ? before : row;
  });
  const same = old.find(
    (page) => page !== undefined && page.next_cursor === fresh.next_cursor && isSame(page.data, data),
  );
  return same ?? { ...fresh, data };
}

function isSame(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
