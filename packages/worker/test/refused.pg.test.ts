import { recordingOf, selfSigned, status, whole } from "@call-ledger/testkit/http";
import { expect, test } from "vitest";
import { systemNetwork } from "../src/egress/network.ts";
import { describeEachStorage } from "./harness/each-storage.ts";
import { workerFor } from "./harness/running-worker.ts";

describeEachStorage(({ setting, queueAt, settled, objectsOf, expectOneObject }) => {
  test.each([400, 403])("a %i without another source is expired immediately, with a remedy", async (code) => {
    setting.host.answer(`/${code}.wav`, status(code));
    const call = await queueAt(`/${code}.wav`);
    const worker = workerFor(setting);
    const row = await settled(call, ["expired"]);
    await worker.stop(2_000);
    expect(row.attempts).toBe(1);
    expect(row.last_error).toMatch(`The presigned URL answered HTTP ${code}: the link has expired`);
    expect(row.last_error).toMatch("set VAPI_API_KEY");
    expect(objectsOf(call)).toEqual([]);
    expect(worker.lines.join()).not.toContain("sig=secret");
  });

  test("a 404 is tried again a few times, because recordings come late, and then is a clear failure", async () => {
    const call = await queueAt("/404.wav");
    const worker = workerFor(setting);
    for (let attempt = 1; attempt < 5; attempt++) {
      expect((await settled(call, ["pending"], attempt)).last_error).toMatch(/HTTP 404/);
      await setting.calls.hurry();
    }
    expect(await settled(call, ["failed"], 5)).toMatchObject({ attempts: 5 });
    await worker.stop(2_000);
  });

  test("a 429 is not tried again before the time that the source asks for", async () => {
    setting.host.answer("/429.wav", status(429, { "retry-after": "600" }));
    const call = await queueAt("/429.wav");
    const worker = workerFor(setting);
    const row = await settled(call, ["pending"]);
    await worker.stop(2_000);
    const wait = row.next_attempt_at.getTime() - Date.now();
    expect(wait).toBeGreaterThan(590_000);
    expect(wait).toBeLessThan(610_000);
    expect(row.last_error).toMatch(/HTTP 429/);
  });

  test.each([
    ["169.254.169.254", "https://169.254.169.254/latest/meta-data/", /an address/],
    ["plain http", "http://localhost/a.wav", /not https/],
    ["another port", "https://localhost:6/a.wav", /port/],
    ["nowhere", "https://[", /cannot be read/],
  ])("a redirect to %s is refused", async (name, location, reason) => {
    const path = `/redirect-${encodeURIComponent(name)}`;
    setting.host.answer(path, status(302, { location }));
    const call = await queueAt(path);
    const worker = workerFor(setting);
    const row = await settled(call, ["failed"]);
    await worker.stop(2_000);
    expect(row.last_error).toMatch(reason);
    expect(objectsOf(call)).toEqual([]);
  });

  test("redirects without an end are refused", async () => {
    setting.host.answer("/round", status(302, { location: "/round" }));
    const call = await queueAt("/round");
    const worker = workerFor(setting);
    expect((await settled(call, ["failed"])).last_error).toMatch(/redirects too often/);
    await worker.stop(2_000);
    expect(setting.host.requests.filter(({ path }) => path === "/round")).toHaveLength(6);
  });

  test("a name that resolves to a private address is refused, and no connection is made", async () => {
    const connected: string[] = [];
    const call = await setting.calls.queue({ sourceUrl: "https://rebinding.test/a.wav" });
    const worker = workerFor(setting, {
      network: {
        resolve: async () => ["8.8.8.8", "127.0.0.1"],
        connect(address) {
          connected.push(address);
          return systemNetwork.connect("127.0.0.1", setting.host.port);
        },
      },
    });
    expect((await settled(call, ["failed"])).last_error).toMatch(/not public/);
    await worker.stop(2_000);
    expect(connected).toEqual([]);
  });

  test("a name is not resolved again after the check: the checked address is used", async () => {
    const recording = recordingOf(20_000);
    setting.host.answer("/rebinding.wav", whole(recording));
    const resolutions: string[] = [];
    const connected: string[] = [];
    const call = await setting.calls.queue({ sourceUrl: "https://rebinding.test/rebinding.wav" });
    const worker = workerFor(setting, {
      network: {
        async resolve() {
          resolutions.push(resolutions.length === 0 ? "8.8.8.8" : "169.254.169.254");
          return resolutions.slice(-1);
        },
        connect(address) {
          connected.push(address);
          return systemNetwork.connect("127.0.0.1", setting.host.port);
        },
      },
    });
    await settled(call, ["stored"]);
    await worker.stop(2_000);
    expect([resolutions, connected]).toEqual([["8.8.8.8"], ["8.8.8.8"]]);
    expectOneObject(call, recording);
  });

  test("a text that claims to be audio is a clear failure", async () => {
    setting.host.answer(
      "/text.wav",
      whole(Buffer.from("<html>Access denied</html>".repeat(100)), "audio/wav"),
    );
    const call = await queueAt("/text.wav");
    const worker = workerFor(setting);
    expect((await settled(call, ["failed"])).last_error).toMatch(/not a recording/);
    await worker.stop(2_000);
    expect(objectsOf(call)).toEqual([]);
  });

  test("a source without a trusted certificate is not read", async () => {
    setting.host.answer("/tls.wav", whole(recordingOf(20_000)));
    const call = await queueAt("/tls.wav");
    const worker = workerFor(setting, { ca: selfSigned("localhost").cert });
    expect((await settled(call, ["pending"])).last_error).toMatch(/certificate/);
    await worker.stop(2_000);
    expect(setting.host.requests.some(({ path }) => path === "/tls.wav")).toBe(false);
  });

  test("with an expired URL, no key and no other URL the recording is expired, with the reason", async () => {
    const expiresAt = Date.now() - 1_000;
    const call = await setting.calls.queue({ sourceUrl: setting.host.url("/late.wav"), expiresAt });
    const worker = workerFor(setting);
    const row = await settled(call, ["expired"]);
    await worker.stop(2_000);
    expect(row.last_error).toMatch(/no API key/);
    expect(row.deadline?.getTime()).toBe(expiresAt);
  });
});
