import { describe, expect, it } from "vitest";
import { CALL_ID, vapiMessage } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import { readVapi } from "./read.ts";

type Fields = Readonly<Record<string, unknown>>;

function callIn(bytes: Uint8Array) {
  const delivery = readVapi(bytes);
  if (delivery.reads !== "call") throw new Error(`reads ${delivery.reads}`);
  return delivery;
}

describe("the facts", () => {
  const facts = (fields: Fields) => callIn(vapiMessage("hang", fields)).facts;

  it("of a recorded call", () => {
    expect(callIn(fixture("vapi/16-inbound-end-of-call-report.json")).facts).toEqual({
      providerAgentId: "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711",
      providerPhoneNumberId: "a3c9e2d4-7b18-4f06-9e6d-1c5b8f204e92",
      ourNumber: "+12025550100",
      alsoNamed: null,
      customerNumber: "+12025550143",
      customerName: null,
      forwardedTo: null,
      forwardedAt: null,
      carrierCallId: "CA00000000000000000000000000000c01",
      direction: "inbound",
    });
  });

  it.each([
    [{ call: { id: "c", assistantId: "a" }, assistant: { id: "b" } }, "a"],
    [{ call: { id: "c", assistant: { id: "d" } }, assistant: { id: "b" } }, "b"],
    [{ call: { id: "c", assistant: { id: "d" } } }, "d"],
    [{ call: { id: "c", assistantId: null }, assistant: { name: "transient" } }, null],
  ])("find the agent in %j", (fields, agent) => expect(facts(fields).providerAgentId).toBe(agent));

  it.each([
    [{ customer: { number: "+1" }, call: { id: "c", customer: { number: "+2" } } }, "+1"],
    [{ customer: { sipUri: "sip:a@b" }, call: { id: "c", customer: { number: "+2" } } }, "+2"],
    [{ customer: { number: "", sipUri: "sip:a@b" } }, "sip:a@b"],
    [{ customer: { number: 12025550143 } }, "12025550143"],
    [{ customer: [{ number: "+12025550143" }] }, "+12025550143"],
    [{ customer: '{"number":"+12025550143"}' }, "+12025550143"],
    [{ customer: "+1" }, "+1"],
    [{ customer: { number: "0" }, call: { id: "c", customer: { number: "+2" } } }, "+2"],
    [{ customer: { number: "+266696687" }, call: { id: "c", customer: { number: "+2" } } }, "+2"],
    [{ customer: { number: "1-202-555-0143" }, call: { id: "c", customer: { number: "+2" } } }, "+2"],
    [{ customer: { number: "N/A" }, call: { id: "c", customer: { number: "sip:a@b" } } }, "sip:a@b"],
    [{ customer: { number: "{{customer.number}}" } }, null],
    [{ customer: { number: "anonymous" }, call: { id: "c", customer: { number: "+2" } } }, "+2"],
    [{ customer: { number: "anonymous", sipUri: "sip:a@b" } }, "anonymous"],
  ])("find the customer in %j", (fields, number) => expect(facts(fields).customerNumber).toBe(number));

  it("find our own number in the message or the snapshot", () => {
    const phoneNumber = { id: "p", number: "+3" };
    const expected = { providerPhoneNumberId: "p", ourNumber: "+3" };
    expect(facts({ phoneNumber })).toMatchObject(expected);
    expect(facts({ call: { id: "c", phoneNumber } })).toMatchObject(expected);
    const transient = { twilioPhoneNumber: "+4", twilioAccountSid: "AC0" };
    expect(facts({ call: { id: "c", phoneNumber: transient } }).ourNumber).toBe("+4");
    expect(facts({ phoneNumber: transient }).ourNumber).toBe("+4");
    expect(facts({ phoneNumber, call: { id: "c", phoneNumberId: "q" } }).providerPhoneNumberId).toBe("q");
    expect(facts({ phoneNumberId: "q" }).providerPhoneNumberId).toBe("q");
  });

  it.each([
    [{ destination: { type: "number", number: "+1" } }, "+1"],
    [{ destination: { type: "sip", sipUri: "sip:a@b" } }, "sip:a@b"],
    [{ destination: "+1" }, "+1"],
    [{ call: { id: "c", destination: { number: "+2" } } }, "+2"],
    [{ destination: { type: "assistant", assistantName: "desk two" } }, null],
    [{ artifact: { transfers: [{ destination: { number: "+3" }, status: "completed" }] } }, "+3"],
    [{ forwardedPhoneNumber: "+4" }, "+4"],
    [{ call: { id: "c", forwardedPhoneNumber: "+4" } }, "+4"],
  ])("find to whom the call goes in %j", (fields, to) => expect(facts(fields).forwardedTo).toBe(to));

  it.each([
    ["transfer-update", { destination: { number: "+4" } }, 1_795_900_000_000],
    ["status-update", { status: "forwarding", destination: { number: "+4" } }, 1_795_900_000_000],
    // The time of these is another one in each delivery, or not in their identity.
    ["end-of-call-report", { destination: { number: "+4" } }, null],
    ["tool-calls", { destination: { number: "+4" } }, null],
    ["status-update", { call: { id: "c", destination: { number: "+4" } } }, null],
  ])("know when a %s with %j says so", (type, fields, at) => {
    const delivery = readVapi(vapiMessage(type, { timestamp: 1_795_900_000_000, ...fields }));
    expect(delivery).toMatchObject({ facts: { forwardedTo: "+4", forwardedAt: at } });
  });

  it("find the caller's name and the carrier's id in the message or the snapshot", () => {
    const expected = { customerName: "Maria", carrierCallId: "CA1" };
    expect(facts({ customer: { name: "Maria" }, phoneCallProviderId: "CA1" })).toMatchObject(expected);
    const customer = { name: "Maria" };
    expect(facts({ call: { id: "c", customer, phoneCallProviderId: "CA1" } })).toMatchObject(expected);
    expect(facts({ call: { id: "c", customer, transport: { callSid: "CA1" } } })).toMatchObject(expected);
  });

  it.each(["N/A", "null", "undefined", "unknown", "{{customer.name}}"])(
    "have no name and no id %j",
    (word) => {
      const given = facts({ customer: { name: word }, phoneCallProviderId: word, assistantId: word });
      expect(given).toMatchObject({ customerName: null, carrierCallId: null, providerAgentId: null });
    },
  );

  it.each([
    [{ transport: { provider: "twilio", callSid: "CA1" } }, "CA1"],
    [{ call: { id: "c", transport: { provider: "telnyx", callControlId: "v3:1" } } }, "v3:1"],
    [{ call: { id: "c", transport: { provider: "vonage", conversationUUID: "CON-1" } } }, "CON-1"],
    [{ call: { id: "c", transport: { provider: "vonage", callUUID: "u", conversationUUID: "CON-1" } } }, "u"],
    [{ call: { id: "c", transport: { provider: "telnyx", callLegId: "l", callSessionId: "s" } } }, "s"],
    [{ call: { id: "c", transport: { provider: "vapi.sip", sbcCallSid: "a@b" } } }, "a@b"],
    [{ call: { id: "c", phoneCallProviderDetails: { sbcCallId: "a@b" } } }, "a@b"],
  ])("find the carrier's id in %j", (fields, id) => expect(facts(fields).carrierCallId).toBe(id));

  it.each([
    ["inboundPhoneCall", "inbound"],
    ["outboundPhoneCall", "outbound"],
    ["webCall", "web"],
    ["vapi.websocketCall", "web"],
    ["OUTBOUND_PHONE_CALL", "outbound"],
    ["outbound", "outbound"],
    ["telepathy", "unknown"],
    [7, "unknown"],
  ])("say that %s is %s", (type, direction) => {
    expect(facts({ call: { id: "c", type } }).direction).toBe(direction);
    expect(facts({ call: { id: "c", direction: type } }).direction).toBe(direction);
  });
});

describe("the agent of a squad", () => {
  const agentOf = (fields: Readonly<Record<string, unknown>>) =>
    callIn(vapiMessage("hang", { call: { id: CALL_ID }, ...fields })).facts.providerAgentId;

  it.each([
    ["the assistant of the message", { assistantId: "a-1", call: { id: CALL_ID, squadId: "s-1" } }, "a-1"],
    [
      "the first that was activated",
      {
        artifact: {
          assistantActivations: [{ assistantName: "n" }, { assistantId: "a-2" }, { assistantId: "a-3" }],
        },
      },
      "a-2",
    ],
    ["an assistant as its id", { assistant: "a-1" }, "a-1"],
    ["the squad of the call", { call: { id: CALL_ID, squadId: "s-1" } }, "s-1"],
    ["a squad as an object", { call: { id: CALL_ID, squad: { id: "s-2" } } }, "s-2"],
    ["the squad of the message", { squadId: "s-3" }, "s-3"],
    ["the assistant that starts", { newAssistant: { id: "a-5" } }, "a-5"],
    ["the assistant that hands over", { fromAssistant: { id: "a-6" }, toAssistant: { id: "a-7" } }, "a-6"],
    ["the assistant that takes over", { toAssistant: { id: "a-7" } }, "a-7"],
    ["the assistant that answers at our number", { phoneNumber: { assistantId: "a-8" } }, "a-8"],
    ["the squad there", { call: { id: CALL_ID, phoneNumber: { squadId: "s-8" } } }, "s-8"],
    ["the workflow of the call", { call: { id: CALL_ID, workflowId: "w-1" } }, "w-1"],
    ["the workflow of the message", { workflow: { id: "w-2" } }, "w-2"],
    [
      "an id in upper case",
      { call: { id: CALL_ID, assistantId: "A51C0DE0-2222-4B20-8D66-1B2C3D4E5F02" } },
      "a51c0de0-2222-4b20-8d66-1b2c3d4e5f02",
    ],
    ["an id of another form as it is", { assistantId: "Asst_Reception" }, "Asst_Reception"],
    [
      "the first that the snapshot says was activated",
      { call: { id: CALL_ID, artifact: { assistantActivations: [{ assistantId: "a-2" }] } } },
      "a-2",
    ],
    [
      "the first member of a squad that has no id",
      { call: { id: CALL_ID, squad: { members: [{ assistant: { name: "n" } }, { assistantId: "a-4" }] } } },
      "a-4",
    ],
    [
      "the call's own assistant before all",
      { call: { id: CALL_ID, assistantId: "a-0" }, assistantId: "a-1" },
      "a-0",
    ],
    ["none", {}, null],
  ])("is %s", (_case, fields, id) => expect(agentOf(fields)).toBe(id));

  it("is looked for by every name that the delivery has, each once, in their order", () => {
    const fields = {
      call: {
        id: CALL_ID,
        squadId: "s-1",
        phoneNumberId: "p-1",
        phoneNumber: { number: "+31", sipUri: "sip:a@b" },
      },
      assistantId: "a-2",
      assistant: { id: "a-1" },
      artifact: { assistantActivations: [{ assistantId: "a-1" }, { assistantId: "a-3" }] },
      squad: { members: [{ assistantId: "a-4" }, { assistant: { id: "a-5" } }, { assistantId: "a-2" }] },
      phoneNumber: { id: "p-2", number: "anonymous", twilioPhoneNumber: "+2" },
    };
    expect(callIn(vapiMessage("hang", fields)).facts).toMatchObject({
      providerAgentId: "a-1",
      providerPhoneNumberId: "p-1",
      ourNumber: "+2",
      alsoNamed: {
        agentIds: ["a-2", "a-3", "s-1", "a-4", "a-5"],
        phoneNumberIds: ["p-2"],
        ourNumbers: ["+31"],
      },
    });
  });

  it.each([
    "+1 (202) 555-0100",
    "sip:+12025550100@pbx.test",
    "sip:+12025550100;user=phone@pbx.test:5060",
    "tel:+12025550100",
    "+12025550100;ext=7",
    "12025550100",
    "1-202-555-0100",
  ])("is looked for by our number in %s", (number) => {
    const { alsoNamed } = callIn(vapiMessage("hang", { phoneNumber: { number } })).facts;
    expect(alsoNamed?.ourNumbers).toEqual(["+12025550100"]);
  });

  it("is not looked for by the assistants of a handoff if anything else is named", () => {
    const [newAssistant, toAssistant] = [{ id: "a-8" }, { id: "a-9" }];
    const others = [
      { assistantId: "a-1", phoneNumber: { assistantId: "a-9" } },
      { phoneNumber: { number: "+12025550100", assistantId: "a-9" } },
      { phoneNumber: { id: "p-1", assistantId: "a-9" } },
    ];
    for (const other of others) {
      const { facts } = callIn(vapiMessage("transfer-update", { newAssistant, toAssistant, ...other }));
      expect(JSON.stringify(facts)).not.toMatch(/a-8|a-9/);
    }
  });

  it("is the same for the ids of a call, a number and a squad in upper case", () => {
    const fields = {
      call: { id: CALL_ID, phoneNumberId: "P1B2C3D4", squadId: "A51C0DE0-2222-4B20-8D66-1B2C3D4E5F02" },
      phoneNumber: { id: "A51C0DE0-2222-4B20-8D66-1B2C3D4E5F03" },
    };
    const upper = { ...fields, call: { ...fields.call, id: CALL_ID.toUpperCase() } };
    expect(callIn(vapiMessage("hang", upper))).toMatchObject({
      providerCallId: CALL_ID,
      facts: callIn(vapiMessage("hang", fields)).facts,
    });
    expect(callIn(vapiMessage("hang", upper)).facts).toMatchObject({
      providerAgentId: "a51c0de0-2222-4b20-8d66-1b2c3d4e5f02",
      providerPhoneNumberId: "P1B2C3D4",
      alsoNamed: { phoneNumberIds: ["a51c0de0-2222-4b20-8d66-1b2c3d4e5f03"] },
    });
  });

  it("is looked for by 50 names at most", () => {
    const members = Array.from({ length: 100 }, (_, n) => ({ assistantId: `a-${n}` }));
    const { providerAgentId, alsoNamed } = callIn(vapiMessage("hang", { squad: { members } })).facts;
    expect(providerAgentId).toBe("a-0");
    expect(alsoNamed?.agentIds).toEqual(members.slice(1, 50).map(({ assistantId }) => assistantId));
  });
});
