import { describe, expect, it } from "vitest";
import { body, CALL_ID, vapiMessage } from "../../test/messages.ts";
import { readVapi } from "./read.ts";

describe("a body that cannot be booked", () => {
  it.each([
    ["bytes that are not text", Uint8Array.of(0xff, 0xfe, 0x00)],
    ["nothing", new Uint8Array()],
    ["null", body(null)],
    ["a message that is a text", body({ message: "hang" })],
  ])("%s is unparseable", (_, bytes) => {
    expect(readVapi(bytes)).toMatchObject({ reads: "nothing", type: "unknown", reason: "unparseable" });
  });

  const hang = (x: string) => Buffer.from(`{"type":"hang","call":{"id":"c"},"x":${x}}`);
  it.each([
    ["nesting 64 deep", hang(`${"[".repeat(63)}${"]".repeat(63)}`), "call"],
    ["nesting 65 deep", hang(`${"[".repeat(64)}${"]".repeat(64)}`), "nothing"],
    ["brackets in a text", hang(JSON.stringify(`\\"${"[{,:".repeat(200_000)}`)), "call"],
    ["299,000 elements", hang(`[0${",0".repeat(299_000)}]`), "call"],
    ["300,000 elements", hang(`[0${",0".repeat(300_000)}]`), "nothing"],
    ["150,000 keys", hang(`{${'"a":0,'.repeat(150_000)}"b":0}`), "nothing"],
    ["150,000 empty objects", hang(`[{}${",{}".repeat(150_000)}]`), "nothing"],
    ["lists in lists", hang(`[0${`,${"[".repeat(60)}${"]".repeat(60)}`.repeat(1_200)}]`), "nothing"],
    ["brackets alone", Buffer.from("[".repeat(65)), "nothing"],
  ])("%s", (_, bytes, reads) => {
    expect(readVapi(bytes)).toMatchObject(reads === "call" ? { reads } : { reads, reason: "too_complex" });
  });

  it("is stored completely if it is too complex, without its secrets", () => {
    const text = `{"apiKey":"hush","type":"hang","x":${"[".repeat(300)}${"]".repeat(300)},"y":"${"z".repeat(70_000)}"}`;
    const kept = { payload: text.replace("hush", "[removed]"), detail: null };
    expect(readVapi(Buffer.from(text))).toMatchObject(kept);
  });

  it("is stored with its first 64 KB if it is not JSON", () => {
    const text = `{"apiKey":"hush","x":"${"é".repeat(100_000)}`;
    const delivery = readVapi(Buffer.from(text));
    expect(delivery).toMatchObject({ detail: "the first 65536 of 200022 bytes are kept" });
    const payload = delivery.reads === "nothing" ? delivery.payload : "";
    expect(payload).toMatch(/^\{"apiKey":"\[removed\]","x":"é+$/);
    expect(payload.length).toBeLessThan(33_000);
  });

  it("is stored with its bytes, except secrets", () => {
    const text = '{"message":{"type":"hang","phoneNumber":{"twilioAuthToken":"hush"},';
    expect(readVapi(Buffer.from(text))).toMatchObject({ payload: text.replace("hush", "[removed]") });
  });

  it("keeps its question if there is no call", () => {
    const toolCallList = [{ id: "a", name: "book" }];
    expect(readVapi(vapiMessage("tool-calls", { call: undefined, toolCallList }))).toMatchObject({
      reads: "nothing",
      type: "tool-calls",
      reason: "no_call",
      question: { asks: "tools", toolCalls: [{ id: "a", name: "book" }] },
    });
  });

  it.each([
    "campaign.predial",
    "voice-request",
    "knowledge-base-request",
    "call.endpointing.request",
    "chat.created",
    "session.deleted",
  ])("does not wait if it has no call: %s", (type) => {
    const read = readVapi(vapiMessage(type, { call: undefined }));
    expect(read).toMatchObject({ reads: "nothing", type, reason: "no_call", waits: false });
  });

  it.each([
    ["tool-calls", { chat: { id: "chat-1" }, toolCallList: [{ id: "a", function: { name: "book" } }] }],
    ["status-update", { session: { id: "session-1" }, call: null }],
    ["something.new", { chat: { id: "chat-1" } }],
  ])("does not wait if it belongs to a chat or a session: %s", (type, fields) => {
    const read = readVapi(vapiMessage(type, { call: undefined, ...fields }));
    expect(read).toMatchObject({ reads: "nothing", type, reason: "no_call", waits: false });
    const withCall = readVapi(vapiMessage(type, { ...fields, call: {} }));
    expect(withCall).toMatchObject({ reads: "nothing", waits: true });
  });

  it("has a reason if the id of its call is too long", () => {
    const read = readVapi(vapiMessage("hang", { call: { id: "x".repeat(201) } }));
    expect(read).toMatchObject({ reads: "nothing", reason: "call_id_too_long", waits: true });
  });

  it("waits if it lacks the call that its type has", () => {
    const read = readVapi(vapiMessage("status-update", { call: undefined }));
    expect(read).toMatchObject({ reads: "nothing", reason: "no_call", waits: true });
  });

  it("is read after a byte order mark", () => {
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), vapiMessage("hang")]);
    expect(readVapi(marked)).toMatchObject({ reads: "call", providerCallId: CALL_ID });
  });
});
