import { describeWith } from "@call-ledger/testkit/vitest";
import { beforeAll, expect, test } from "vitest";
import { useConsole } from "./use-console.ts";

const WITHIN = { timeout: 15_000 };

describeWith("chromium", "a shared call and its recording", (chromium) => {
  const under = useConsole(chromium);
  let callId: string;

  beforeAll(async () => {
    ({ callId } = await under.recordedCall({ seed: 7 }));
  }, 240_000);

  test("are played with another link to the recording when the first one has expired", async () => {
    const member = await under.openTab();
    await under.signIn(member.page, "admin");
    await member.page.goto(`${under.url}/calls/${callId}`);
    await member.page.getByRole("button", { name: "Share" }).click();
    await member.page.getByRole("button", { name: "Create a link" }).click();
    const link = await member.page.getByRole("dialog").locator("code").textContent();
    await member.close();

    const { page, errors, close } = await under.openTab(undefined, [/status of 403/]);
    let answers = 0;
    await page.route("**/api/v1/shared/*", async (route) => {
      const response = await route.fetch();
      const call = await response.json();
      answers += 1;
      if (answers === 1) {
        const { url } = call.recording;
        call.recording = { url: `${url.split("?")[0]}?expired`, expires_at: "2026-01-01T00:00:00Z" };
      }
      await route.fulfill({ response, json: call });
    });
    await page.goto(new URL(new URL(link ?? "").pathname, under.url).href);
    const slider = page.getByRole("slider", { name: "Position" });
    const position = async () => Number(await slider.inputValue());
    await expect.poll(() => answers, WITHIN).toBe(2);
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await expect.poll(position, WITHIN).toBeGreaterThan(0);
    expect(await page.getByText("The audio cannot be played.").count()).toBe(0);
    await close();
    expect(errors).toEqual([]);
  });

  test("keep the position when another channel is chosen", async () => {
    const { page, errors, close } = await under.openTab();
    await under.signIn(page, "staff");
    await page.goto(`${under.url}/calls/${callId}`);
    const player = page.getByRole("region", { name: "Recording" });
    const position = async () => Number(await player.getByRole("slider").inputValue());
    await player.getByRole("slider").focus();
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press("ArrowRight");
    await expect.poll(position, WITHIN).toBe(4);
    await player.getByRole("combobox", { name: "Channel" }).selectOption({ label: "Both sides, mixed" });
    await player.getByRole("button", { name: "Play" }).click();
    let at = await position();
    for (const lowest = at; at < lowest + 1; at = await position()) {
      expect(at).toBeGreaterThanOrEqual(4);
      await page.waitForTimeout(100);
    }
    await close();
    expect(errors).toEqual([]);
  });
});
