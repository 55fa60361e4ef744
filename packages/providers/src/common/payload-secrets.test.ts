import type { Json } from "@call-ledger/domain";
import { isList } from "@call-ledger/domain";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { removalUnder, VAPI_SECRET_NAMES } from "../vapi/secret.names.ts";
import { REMOVED, withoutSecrets } from "./payload-secrets.ts";
import type { Removal } from "./secret-names.ts";
import { judgeNames, strongerRemoval } from "./secret-names.ts";
import { withoutSignedQueries } from "./signed-urls.ts";
import { textWithoutSecrets } from "./text-secrets.ts";

const judgeName = judgeNames(VAPI_SECRET_NAMES);

/** Secrets in the places where provider bodies have them. Each is the text `hush` or the number 4711. */
const SECRETS = {
  phoneNumber: {
    twilioAccountSid: "hush",
    twilioAuthToken: "hush",
    twilioApiKey: "hush",
    twilioApiSecret: "hush",
  },
  call: {
    transport: { callToken: "hush", websocketCallUrl: "wss://hush", callSipUri: "sip:hush@sip.test" },
    webCallUrl: "https://hush",
    monitor: { controlUrl: "wss://hush", listenUrl: "wss://hush", liveCallUrl: "wss://hush" },
  },
  assistant: {
    server: { secret: "hush", headers: { "X-Tenant": "hush", Authorization: "hush" } },
    serverUrlSecret: "hush",
    credentials: [{ provider: "hush", key: "hush", pin: 4711 }],
    voice: { awsSecretAccessKey: "hush", sessionToken: "hush" },
    model: { tools: [{ server: { headers: { "x-api-key": "hush" } }, openAIKey: "hush" }] },
  },
  sip: { authentication: { username: "kept", password: 4711 }, authPassword: "hush" },
  gcpKey: { private_key: "hush", client_email: "hush" },
  "api-key": "hush",
  api_key: "hush",
  accessTokens: ["hush", ["hush"]],
  jwt: "hush",
  deepgramKey: "hush",
  "X-Service-Key": "hush",
  db_pwd: "hush",
  smtp_pw: "hush",
  sip_pass: "hush",
  oauth: "hush",
  crm_creds: { user: "hush" },
  "x-carrier-auth": "hush",
  passcode: 4711,
  customHeaders: [{ name: "X-Tenant", value: "hush" }],
  pairs: [
    { key: "Authorization", value: "hush" },
    { name: "session_token", value: "hush" },
    { id: "apiKey", value: "hush" },
    { variable: "api_key", value: "hush" },
    { k: "api_key", v: "hush" },
    { name: "apiKey", default: "hush" },
  ],
  wachtwoord: "hush",
  user_senha: "hush",
  パスワード: "hush",
  toolCalls: [
    {
      function: {
        name: "pay",
        arguments: '{"day":1,"apiKey":"hush","nested":"{\\"pin_secret\\":\\"hush\\"}"}',
      },
    },
  ],
  model: { url: "https://llm.example.test/v1?api_key=hush" },
  presignedMonoUrl: "https://r.test/a.wav?hush",
};

/** Fields that only look like secrets. */
const HARMLESS = {
  costs: [{ promptTokens: 1512, completionTokens: 96, cachedPromptTokens: 0 }],
  costBreakdown: { llmPromptTokens: 1512 },
  maxTokens: 250,
  tokenizer: "cl100k",
  credentialIds: ["7d9f", "8e0a"],
  credentialId: "7d9f",
  secretary: "Dana",
  hasPassword: true,
  token: null,
  keypadInputPlan: { delimiters: "#" },
  keywords: ["leak:2"],
  presignedUrlsExpiresAt: "2026-03-12T16:04:31.000Z",
  monitor: { monitors: ["none"] },
  publicKey: "kept",
  idempotencyKey: "kept",
  monkey: "kept",
  pairs: [{ name: "first_name", value: "Robin" }],
  deepgram: { model: "nova-3" },
  openai: "gpt-4o-mini",
  senhor: "Silva",
  sipHeaders: { "X-Customer-Id": "kept" },
  arguments: '{ "day": 1, "window": "08-12" }',
  document: "a bearer certificate and basic knowledge of it",
  callbackUrl: "https://hooks.example.test/back?callId=019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001",
  said: "Token: I have none. Password: a mountain. Secret: tell nobody. maxTokens=12345678",
  summary: "Authorization: A123456789012\nIdentity: verified by date of birth\nCookie: chocolate",
  hint: "sip:desk@pbx.example.test:5060 or sip:pbx.example.test",
  transcript: "My password is on the note. Call https://example.test/help?page=2, please.",
};

describe("withoutSecrets", () => {
  it("removes every secret, at any depth", () => {
    expect(JSON.stringify(withoutSecrets(SECRETS, removalUnder))).not.toMatch(/hush|4711/);
  });

  it("removes the content that a pair alone names and the key of a service, and keeps the answer of a tool", () => {
    const pairs = ["content", "text", "data"].map((name) => ({ field: "password", [name]: "hush" }));
    expect(JSON.stringify(withoutSecrets(pairs, removalUnder))).not.toContain("hush");
    const ofService = { deepgram: "hush4711hush4711hush4711" };
    expect(JSON.stringify(withoutSecrets(ofService, removalUnder))).not.toContain("hush");
    const answer = { role: "tool", name: "get_token", content: "the caller has none" };
    expect(withoutSecrets(answer, removalUnder)).toEqual(answer);
  });

  it("keeps everything else, and the structure", () => {
    expect(withoutSecrets(HARMLESS, removalUnder)).toEqual(HARMLESS);
    expect(withoutSecrets(SECRETS, removalUnder)).toMatchObject({
      sip: { authentication: { username: "kept", password: REMOVED } },
      assistant: { server: { headers: { "X-Tenant": REMOVED } } },
    });
  });
});

test("a secret in a text is found by the name before it", () => {
  const texts = [
    "INVITE sip:a@b SIP/2.0\r\nX-Vapi-Secret: hush4711hush\r\nFrom: a",
    'A: b\r\nProxy-Authorization: Digest username="hush", response="hush"',
    "Cookie: session=hush4711hush",
    "sip:desk:hush@pbx.example.test;transport=tls",
    '[{"accessToken":"hush4711hush"}]',
    'Done: {"nested":"{\\"accessToken\\": \\"hush4711hush\\"}"}',
    "access_token=hush4711hush&x=1",
    "curl -H 'x-api-key: hush4711hush' https://a.test",
    "Authorization: Basic hushhushhush",
    "<login><apiKey>hush4711hush</apiKey></login>",
    "api_key => hush4711hush",
  ];
  expect(JSON.stringify(withoutSecrets({ texts }, removalUnder))).not.toContain("hush");
  expect(textWithoutSecrets(`${JSON.stringify({ texts })}{`, removalUnder)).not.toContain("hush");
});

describe("withoutSecrets copies only what it changes, and remembers names", () => {
  const NAMES = [
    "secret",
    "apiKey",
    "promptTokens",
    "callToken",
    "headers",
    "__proto__",
    "10",
    "a",
    "url",
    "Ⅷ",
  ];
  const name = fc.oneof(
    fc.constantFrom(...NAMES, "twilioAuthToken".padEnd(90, "x")),
    fc.string({ maxLength: 3 }),
  );
  const leaf = fc.constantFrom<Json>(
    null,
    false,
    4711,
    "",
    "text",
    "https://a.test/b?c=d",
    "https://a.test/b?sig=hush&c",
    "see wss://a.test/?X-Amz-Signature=hush",
  );
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie("json"), { maxLength: 3 }),
      fc
        .array(fc.tuple(name, tie("json")), { maxLength: 4 })
        .map((fields): Json => Object.fromEntries(fields)),
    ),
  }));

  /** The same rule, implemented again without sharing and without memory. */
  const cleaned = (value: Json, removal: Removal): Json => {
    // No text here has the form of a key.
    const isOpen = removal === "nothing" || removal === "keys";
    if (typeof value === "string") return isOpen ? withoutSignedQueries(value) : REMOVED;
    if (typeof value === "number") return removal === "all" ? REMOVED : value;
    if (value === null || typeof value !== "object") return value;
    if (isList(value)) return value.map((inner) => cleaned(inner, removal));
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        cleaned(inner, strongerRemoval(removal, judgeName(key))),
      ]),
    );
  };

  it("is the rule", () => {
    let removed = 0;
    fc.assert(
      fc.property(json, (value) => {
        const before = JSON.stringify(value);
        const expected = JSON.stringify(cleaned(value, "nothing"));
        expect(JSON.stringify(withoutSecrets(value, removalUnder))).toBe(expected);
        expect(JSON.stringify(value)).toBe(before);
        if (expected === before) expect(withoutSecrets(value, removalUnder)).toBe(value);
        else removed += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(removed).toBeGreaterThan(500);
  });

  it("judges a name in the same way when the memory is full", () => {
    for (let place = 0; place < 3_000; place += 1) {
      expect(removalUnder(`kept-${place}`)).toBe("nothing");
      expect(removalUnder(`apiKey-${place}`)).toBe("all");
      expect(removalUnder(`sessionToken-${place}`)).toBe("texts");
    }
  });
});

describe("textWithoutSecrets", () => {
  it("finds a credential by its form without a field or a URL near it", () => {
    for (const credential of ["Bearer abcdef123456", "sk_live_abcdef123456", "AKIA0123456789ABCDEF"])
      expect(textWithoutSecrets(`calling with ${credential} now`, removalUnder)).toBe(
        `calling with ${REMOVED} now`,
      );
  });

  const json = JSON.stringify(SECRETS, null, 1);

  it("removes every secret from a text that is truncated at any place", () => {
    for (let end = 0; end <= json.length; end += 1) {
      expect(textWithoutSecrets(json.slice(0, end), removalUnder)).not.toMatch(/hush|4711/);
    }
  });

  it("keeps everything else unchanged", () => {
    const text = `${JSON.stringify(HARMLESS)}, "and": [1, 2`;
    expect(textWithoutSecrets(text, removalUnder)).toBe(text);
  });

  it.each([
    ["x=1&twilioAuthToken=hush&y=2", `x=1&twilioAuthToken=${REMOVED}&y=2`],
    ["{'password': 'hush', 'name': 'Dana'}", `{'password': '${REMOVED}', 'name': 'Dana'}`],
    ["Authorization: Bearer hush\r\nHost: a", `Authorization: Bearer ${REMOVED}\r\nHost: a`],
    ['{"\\u0061piKey": "hush"', `{"\\u0061piKey": "${REMOVED}"`],
    [
      '{"secret": {"a": ["hush", 4711]}, "b": "kept"',
      `{"secret": {"a": ["${REMOVED}", ${REMOVED}]}, "b": "kept"`,
    ],
    ['{"secret": "hush"} "kept"', `{"secret": "${REMOVED}"} "kept"`],
    ["foo:password=hush", `foo:password=${REMOVED}`],
  ])("cleans %j", (text, cleaned) => expect(textWithoutSecrets(text, removalUnder)).toBe(cleaned));

  it("tracks the enclosing names at any depth", () => {
    const nested = (text: string) => `${"[".repeat(1_000)}[true], "${text}"${"]".repeat(1_000)}`;
    const text = (secret: string) => `{"a": ${nested("kept")}, "secret": ${nested(secret)}, "b": "kept"`;
    expect(textWithoutSecrets(text("hush"), removalUnder)).toBe(text(REMOVED));
  });

  it("processes megabytes of any text", () => {
    const megabytes = [
      "a: ",
      "sip:",
      "\\a=",
      "Authorization: Digest ",
      "[",
      '"',
      "\\",
      "a",
      "a=",
      "https://a?",
      "eyJ-",
      "Bearer ",
      '{"secret":',
      " ",
    ].map((piece) => piece.repeat(2_000_000 / piece.length));
    for (const text of megabytes) {
      expect(textWithoutSecrets(text, removalUnder).length).toBeGreaterThan(0);
      expect(withoutSecrets(text, removalUnder)).not.toBe("");
    }
  });
});
