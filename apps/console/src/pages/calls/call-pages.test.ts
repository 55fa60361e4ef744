import type { CallSummary } from "@call-ledger/contract/calls";
import { expect, test } from "vitest";
import { keptPages, rowsBeside } from "./call-pages.ts";

const call = (id: string, tags: string[] = []) => ({ id, tags }) as unknown as CallSummary;
const page = (...data: CallSummary[]) => ({ data, next_cursor: null });
const pagesOf = (...pages: ReturnType<typeof page>[]) => ({
  pages,
  pageParams: pages.map((): string | undefined => undefined),
});

test("rows that have not changed stay the same objects when a call comes in above them", () => {
  const old = pagesOf(page(call("a"), call("b", ["x"])), page(call("c")));
  const fresh = pagesOf(page(call("new"), call("a"), call("b", ["x", "y"])), page(call("c")));
  const [first, second] = keptPages(old, fresh).pages;
  expect(first?.data.map((row) => old.pages[0]?.data.includes(row))).toEqual([false, true, false]);
  expect(second?.data[0]).toBe(old.pages[1]?.data[0]);
  expect(first?.data).toEqual(fresh.pages[0]?.data);
});

test("equal pages stay the same, because the query takes others for a change", () => {
  const pages = () => pagesOf(page(call("a"), call("b", ["x"])), page(call("c")));
  const old = pages();
  expect(keptPages(old, pages())).toBe(old);
  expect(keptPages(old, { ...pages(), pageParams: ["other", undefined] })).not.toBe(old);
});

test("a call is shown once: as a live one, or in the first page that has it", () => {
  const pages = [page(call("live"), call("a"), call("b")), page(call("a"), call("c"))];
  expect(rowsBeside([call("live")], pages).map(({ id }) => id)).toEqual(["a", "b", "c"]);
});
