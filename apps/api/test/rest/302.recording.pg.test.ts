import type { TestStorage } from "@call-ledger/storage/testing";
import { localTestStorage, s3TestStorage } from "@call-ledger/storage/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeKey, makeOrganization } from "../harness/access.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RecordedCall } from "../harness/recorded-call.ts";
import { recordCall, storageEnv } from "../harness/recorded-call.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

/* The whole way of a recording: from the deliveries of a call to its bytes at a client with a key. */

const STORAGES = [
  { driver: "local", open: localTestStorage },
  { driver: "s3", open: s3TestStorage },
];

describe.each(STORAGES)("with $driver storage", ({ driver, open }) => {
  let ledger: TestLedger;
  let storage: TestStorage;
  let api: RunningApi;
  let call: RecordedCall;
  let bearer: { authorization: string };

  beforeAll(async () => {
    ledger = await testLedger();
    await ledger.addAgent();
    storage = await open();
    api = await startApi(ledger.database.appUrl, storageEnv(storage));
    await untilReady(api);
    call = await recordCall(api, ledger, storage, { seed: 1, bytes: 100_000 });
    ({ bearer } = await makeKey(ledger));
  });

  afterAll(async () => {
    await api.stop();
    await storage.stop();
    await ledger.drop();
  });

  const ask = (id: string, query = "", init: RequestInit = {}) =>
    fetch(`${api.url}/api/v1/calls/${id}/recording${query}`, {
      headers: bearer,
      redirect: "manual",
      ...init,
    });
  const linkOf = async (id = call.callId) => new URL((await ask(id)).headers.get("location") ?? "", api.url);

  test("either id of the call leads to the recording, byte by byte", async () => {
    for (const id of [call.callId, call.providerCallId, call.callId.toUpperCase()]) {
      const response = await ask(id);
      expect(response.status).toBe(302);
      expect(response.headers.get("cache-control")).toBe("no-store");
      const location = response.headers.get("location") ?? "";
      const { url, expires_at } = Object(await response.json());
      expect(url).toBe(location);
      expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(200_000);
      expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(300_000);

      // Without an API key: the link is enough.
      const fetched = await fetch(new URL(location, api.url));
      expect(fetched.status).toBe(200);
      expect(fetched.headers.get("content-type")).toBe("audio/wav");
      expect(Buffer.from(await fetched.arrayBuffer()).equals(call.recording)).toBe(true);
    }
  });

  test("a client that follows redirects gets the recording, and HEAD has the answer of GET", async () => {
    const followed = await ask(call.callId, "?channel=mono", { redirect: "follow" });
    expect(Buffer.from(await followed.arrayBuffer()).equals(call.recording)).toBe(true);
    expect((await ask(call.callId, "", { method: "HEAD" })).status).toBe(302);
  });

  test("ranges are served, which a player needs for seeking", async () => {
    const link = await linkOf();
    const part = await fetch(link, { headers: { range: "bytes=1000-1999" } });
    expect(part.status).toBe(206);
    expect(part.headers.get("content-range")).toBe(`bytes 1000-1999/${call.recording.length}`);
    expect(Buffer.from(await part.arrayBuffer()).equals(call.recording.subarray(1000, 2000))).toBe(true);
    const rest = await fetch(link, { headers: { range: "bytes=99990-" } });
    expect(Buffer.from(await rest.arrayBuffer()).equals(call.recording.subarray(99_990))).toBe(true);
    // More last bytes than there are: all of them.
    for (const range of ["bytes=-200000", "bytes=-99999999999999999999"]) {
      const whole = await fetch(link, { headers: { range } });
      expect(Buffer.from(await whole.arrayBuffer()).equals(call.recording), range).toBe(true);
    }
    const beyond = await fetch(link, { headers: { range: "bytes=99999999-" } });
    expect(beyond.status).toBe(416);
  });

  test("a channel that is not stored has another answer than a stored one", async () => {
    const stereo = await ask(call.callId, "?channel=stereo");
    expect([stereo.status, Object(await stereo.json()).state]).toEqual([409, "pending"]);
    expect((await ask(call.callId, "?channel=both")).status).toBe(400);
  });

  describe("the waveform", () => {
    let heard: RecordedCall;

    beforeAll(async () => {
      heard = await recordCall(api, ledger, storage, { seed: 2 });
    });

    const peaksOf = (id: string, query = "", headers: Record<string, string> = bearer) =>
      fetch(`${api.url}/api/v1/calls/${id}/recording/peaks${query}`, { headers });

    test("has both sides of the call separately, by either id, and a browser may keep it", async () => {
      for (const id of [heard.callId, heard.providerCallId]) {
        const response = await peaksOf(id, "?channel=stereo");
        expect(response.status).toBe(200);
        expect(response.headers.get("cache-control")).toBe("private, max-age=86400, immutable");
        expect(response.headers.get("vary")).toBe("authorization, cookie");
        const { duration_seconds, channels } = Object(await response.json());
        // A header, then 8,000 samples of two bytes for each second.
        expect(duration_seconds).toBeCloseTo((heard.recording.length - 44) / 16_000, 2);
        expect(channels.map(({ length }: number[]) => length)).toEqual([2_000, 2_000]);
        for (const pairs of channels) {
          expect(Math.max(...pairs)).toBeGreaterThan(0.2);
          expect(Math.min(...pairs)).toBeLessThan(-0.2);
        }
      }
      const chosen = await peaksOf(heard.callId);
      expect(chosen.headers.get("cache-control")).toBe("private, no-cache");
      expect(Object(await chosen.json()).channels).toHaveLength(1);
      const etag = chosen.headers.get("etag") ?? "";
      expect((await peaksOf(heard.callId, "", { ...bearer, "if-none-match": etag })).status).toBe(304);
    });

    test("is mentioned with its recording", async () => {
      const { bearer: reader } = await makeKey(ledger, { scopes: ["calls:read", "recordings:read"] });
      const shown = async (id: string) => {
        const response = await fetch(`${api.url}/api/v1/calls/${id}`, { headers: reader });
        const { recordings } = Object(await response.json());
        return Object.fromEntries(
          recordings.map((one: { channel: string; has_peaks: boolean }) => [one.channel, one.has_peaks]),
        );
      };
      expect(await shown(heard.callId)).toEqual({ mono: true, stereo: true });
      expect(await shown(call.callId)).toEqual({ mono: false, stereo: false });
    });

    test("is visible to its organization only, and needs the scope of recordings", async () => {
      const { bearer: neighbours } = await makeKey(ledger, { orgId: await makeOrganization(ledger) });
      const refused = await peaksOf(heard.callId, "", neighbours);
      expect([refused.status, Object(await refused.json()).code]).toEqual([404, "not_found"]);
      const { bearer: reader } = await makeKey(ledger, { scopes: ["calls:read", "calls:details"] });
      const forbidden = await peaksOf(heard.callId, "", reader);
      expect([forbidden.status, Object(await forbidden.json()).code]).toEqual([403, "missing_scope"]);
      expect((await peaksOf(heard.callId, "", {})).status).toBe(401);
    });

    test("that does not exist is a 404 with the reason", async () => {
      const refusal = async (query: string) => Object(await (await peaksOf(call.callId, query)).json());
      expect(await refusal("?channel=mono")).toMatchObject({
        status: 404,
        code: "no_peaks",
        detail: "The recording has no waveform: the WAV file has no audio.",
        reason: "the WAV file has no audio",
      });
      expect(await refusal("?channel=stereo")).toMatchObject({
        status: 404,
        code: "no_recording",
        state: expect.stringMatching(/^(pending|failed)$/),
      });
      expect(await refusal("?channel=customer")).toMatchObject({
        status: 404,
        code: "no_recording",
        state: "none",
      });
      expect((await peaksOf(call.callId, "?channel=both")).status).toBe(400);
    });

    test("whose object is gone is a fault of the service", async () => {
      await ledger.sql`update recording_upload_queue set peaks_path = replace(peaks_path, 'mono', 'customer')
        where call_id = ${heard.callId} and channel = 'mono'`;
      expect((await peaksOf(heard.callId, "?channel=mono")).status).toBe(500);
    });
  });

  test("the log has no key, no link and no path", async () => {
    const link = await linkOf();
    await fetch(link);
    const said = api.lines.join("");
    expect(said).toContain('"route":"/api/v1/calls/{call}/recording"');
    for (const secret of [bearer.authorization.slice(7), link.searchParams.get("signature") ?? call.callId]) {
      expect(said).not.toContain(secret);
    }
    expect(said).not.toContain(call.callId);
  });

  if (driver === "s3") {
    test("the bucket's signature holds for five minutes, and for no other object", async () => {
      const link = await linkOf();
      expect(link.searchParams.get("X-Amz-Expires")).toBe("300");
      expect(link.searchParams.get("response-content-disposition")).toBe(
        `inline; filename="${call.callId}-mono.wav"`,
      );
      link.pathname = link.pathname.replace("mono", "stereo");
      expect((await fetch(link)).status).toBe(403);
      // The bucket sends its objects itself.
      const path = `/recordings/org/${ledger.orgId}/call/${call.callId}/mono.wav`;
      expect((await fetch(`${api.url}${path}`)).status).toBe(404);
    });
    return;
  }

  test("a link to our own disk answers HEAD and validators, and is refused if it was changed", async () => {
    const link = await linkOf();
    const head = await fetch(link, { method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("content-length")).toBe(String(call.recording.length));
    expect(head.headers.get("accept-ranges")).toBe("bytes");
    expect(head.headers.get("content-disposition")).toBe(`inline; filename="${call.callId}-mono.wav"`);
    expect(head.headers.get("x-content-type-options")).toBe("nosniff");

    const etag = head.headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const tail = await fetch(link, { headers: { range: "bytes=-10" } });
    expect(Buffer.from(await tail.arrayBuffer()).equals(call.recording.subarray(-10))).toBe(true);
    const range = "bytes=0-9";
    expect((await fetch(link, { headers: { range, "if-range": etag } })).status).toBe(206);
    expect((await fetch(link, { headers: { range, "if-range": '"another"' } })).status).toBe(200);
    expect((await fetch(link, { headers: { range: "bytes=-0" } })).status).toBe(416);
    const cached = { "if-none-match": etag, "cache-control": "max-age=0" };
    expect((await fetch(link, { headers: cached })).status).toBe(304);
    expect((await fetch(link, { headers: { "if-match": '"another"' } })).status).toBe(412);
    const beyond = await fetch(link, { headers: { range: "bytes=99999999-" } });
    expect(beyond.headers.get("content-range")).toBe(`bytes */${call.recording.length}`);
    expect(beyond.headers.get("content-type")).toBe("application/problem+json");
    for (const ofTheFile of ["etag", "last-modified", "content-disposition"]) {
      expect(beyond.headers.get(ofTheFile)).toBeNull();
    }
    expect((await fetch(link, { method: "DELETE" })).status).toBe(405);
  });

  test("a link is for one object and one time", async () => {
    const link = await linkOf();
    const changed = (change: (url: URL) => void) => {
      const other = new URL(link);
      change(other);
      return fetch(other);
    };
    const refused = [
      changed((url) => url.searchParams.set("expires", String(Number(url.searchParams.get("expires")) + 1))),
      changed((url) => url.searchParams.set("expires", "1")),
      changed((url) => url.searchParams.set("version", "0".repeat(32))),
      changed((url) => url.searchParams.set("signature", "A".repeat(43))),
      changed((url) => url.searchParams.delete("signature")),
      changed((url) => {
        url.search = "";
      }),
      changed((url) => {
        url.pathname = url.pathname.replace("mono", "stereo");
      }),
      changed((url) => {
        url.pathname = url.pathname.replace(call.callId, "..%2F..%2F..%2F..%2Fetc%2Fpasswd");
      }),
    ];
    for (const response of await Promise.all(refused)) expect(response.status).toBe(403);
  });

  test("an expired link is refused, even if its signature is right", async () => {
    const link = await linkOf();
    const later = Date.now() + 301_000;
    const { now } = Date;
    Date.now = () => later;
    try {
      expect((await fetch(link)).status).toBe(403);
    } finally {
      Date.now = now;
    }
    expect((await fetch(link)).status).toBe(200);
  });

  test("another process with the same secrets accepts the link", async () => {
    const other = await startApi(ledger.database.appUrl, storageEnv(storage));
    const link = await linkOf();
    link.port = String(other.port);
    expect((await fetch(link)).status).toBe(200);
    await other.stop();
  });
});
