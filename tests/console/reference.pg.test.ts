import { makeKey } from "@call-ledger/api/testing/access";
import { describeWith } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

describeWith("chromium", "the reference of the API", (chromium) => {
  const under = useConsole(chromium);

  test("is at /docs, can send a request, and loads nothing from another host", async () => {
    const { page, errors } = await under.openTab();
    const hosts = new Set<string>();
    page.on("request", (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(`${under.url}/docs`);
    await page.getByRole("heading", { name: "Call ledger" }).waitFor();
    await page.getByRole("link", { name: /List calls, newest first by default/ }).click();
    await page
      .getByRole("button", { name: /Test Request/ })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    const { key } = await makeKey(under.ledger, { scopes: ["calls:read"] });
    await dialog.getByLabel("Bearer Token").fill(key);
    await dialog.getByRole("button", { name: /^Send/ }).first().click();
    await dialog.getByText("200 OK").waitFor();
    expect([...hosts]).toEqual([under.url]);
    expect(errors).toEqual([]);
  }, 120_000);
});
