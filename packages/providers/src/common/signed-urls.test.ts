import { describe, expect, it } from "vitest";
import { withoutSignedQueries } from "./signed-urls.ts";

describe("withoutSignedQueries", () => {
  it.each([
    ["https://s3.example.test/a.wav?X-Amz-Signature=hush&b=c", "https://s3.example.test/a.wav"],
    ["see https://blob.example.test/a?sv=1&sig=hush, now", "see https://blob.example.test/a now"],
    ["https://example.test/?page=2#top", "https://example.test/?page=2#top"],
    ["https://example.test/?keyword=leak&author=me", "https://example.test/?keyword=leak&author=me"],
    ["https://example.test/?k=4f6hushXk29dQw8TzR1mB7&page=2", "https://example.test/"],
    ["https://example.test/cb#access_token=hush", "https://example.test/cb"],
    ["https://hooks.slack.com/services/T0/B0/hush", "https://hooks.slack.com/services"],
    ["post to https://hook.eu2.make.com/hush now", "post to https://hook.eu2.make.com now"],
    [
      "https://services.leadconnectorhq.com/hooks/a/webhook-trigger/hush",
      "https://services.leadconnectorhq.com/hooks",
    ],
    ["https://api.telegram.org/bot1:hush/sendMessage", "https://api.telegram.org"],
    ["https://script.google.com/macros/s/hush/exec", "https://script.google.com/macros/s"],
    ["https://team.app.n8n.cloud/webhook/hush", "https://team.app.n8n.cloud/webhook"],
    ["https://mcp.zapier.com/api/mcp/s/hush/mcp", "https://mcp.zapier.com/api/mcp"],
    ["https://maker.ifttt.com/trigger/x/with/key/hush", "https://maker.ifttt.com/trigger"],
    ["https://example.test/in?back=https%3A%2F%2Fexample.test%2F%3Ftoken%3Dhush", "https://example.test/in"],
    ["https://a.test/?back=https%3A%2F%2Fb.test%2F", "https://a.test/?back=https%3A%2F%2Fb.test%2F"],
    ["https://a.test/?back=https%3A%2F%2Fb.test%2F%", "https://a.test/?back=https%3A%2F%2Fb.test%2F%"],
    ["https://mcp.composio.dev/server/hush/mcp", "https://mcp.composio.dev"],
    ["https://discord.com/api/webhooks/1/hush", "https://discord.com/api/webhooks"],
    ["postgres://me:hush@db.example.test/x", "postgres://db.example.test/x"],
  ])("removes the signature from the URL in %j", (text, kept) => {
    expect(withoutSignedQueries(text)).toBe(kept);
  });
});
