import { describeWith } from "@call-ledger/testkit/vitest";
import { beforeAll, expect, test } from "vitest";
import type { Tab } from "./browser.ts";
import { useConsole } from "./use-console.ts";

describeWith("chromium", "the note of a call in the console", (chromium) => {
  const under = useConsole(chromium);

  beforeAll(async () => {
    await under.send(under.call({ seed: 1 }).deliveries);
  });

  test("that cannot be sent stays in the form, which says what to do, and is sent by the next press", async () => {
    const { sql } = under.ledger;
    const { page, errors, close } = await under.openTab(undefined, [/ERR_INTERNET_DISCONNECTED/]);
    await under.signIn(page, "admin");
    await page.locator("[data-call] a").click();
    await page.getByRole("tab", { name: "Details" }).click();
    await page.getByRole("button", { name: "Add tags or a note" }).click();
    await page.getByRole("textbox", { name: "Note" }).fill("Written without a network.");
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Check your connection, then try again.").waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    expect(await sql`select note from call_annotations`).toMatchObject([
      { note: "Written without a network." },
    ]);
    expect(errors).toEqual([]);
    await close();
  });

  test("that somebody else has changed meanwhile is not replaced without a word, and other fields stay", async () => {
    const { sql } = under.ledger;
    const [one, other] = [await under.openTab(), await under.openTab()];
    for (const { page } of [one, other]) {
      await under.signIn(page, "admin");
      await page.locator("[data-call] a").click();
      await page.getByRole("tab", { name: "Details" }).click();
      await page.getByRole("button", { name: /^(Add tags or a note|Edit)$/ }).click();
    }
    const write = async ({ page }: Tab, field: "Note" | "Tags", text: string): Promise<void> => {
      await page.getByRole("textbox", { name: field }).fill(text);
      await page.getByRole("button", { name: "Save" }).click();
    };
    await write(other, "Note", "Theirs.");
    await other.page.getByText("Saved.").waitFor();
    await write(one, "Note", "Mine.");
    await one.page.getByText("Somebody else has changed this meanwhile.").waitFor();
    await one.page.getByRole("dialog").getByText("Theirs.").waitFor();
    expect(await sql`select note from call_annotations`).toMatchObject([{ note: "Theirs." }]);
    await other.page.getByRole("button", { name: "Edit" }).click();
    await write(other, "Tags", "callback");
    await other.page.getByRole("dialog").waitFor({ state: "detached" });
    await one.page.getByRole("button", { name: "Save" }).click();
    await one.page.getByText("Saved.").waitFor();
    expect(await sql`select note, tags from call_annotations`).toMatchObject([
      { note: "Mine.", tags: ["callback"] },
    ]);
    for (const { errors, close } of [one, other]) {
      expect(errors).toEqual([]);
      await close();
    }
  });
});
