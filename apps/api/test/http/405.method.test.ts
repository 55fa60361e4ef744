import { request } from "node:http";
import { expect, test } from "vitest";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

function ask(
  method: string,
  path: string,
): Promise<{ status: number | undefined; allow: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: api.port, method, path }, (response) => {
      response.resume();
      resolve({ status: response.statusCode, allow: response.headers.allow });
    });
    sent.once("error", reject);
    sent.end();
  });
}

test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])(
  "%s is not allowed for deliveries",
  async (method) => {
    for (const path of ["/api/webhooks/vapi", "/api/webhooks/vapi/some-account"]) {
      expect(await ask(method, path)).toEqual({ status: 405, allow: "POST" });
    }
  },
);

test.each(["/health", "/health/live", "/health/ready"])("%s allows only GET and HEAD", async (path) => {
  expect(await ask("POST", path)).toEqual({ status: 405, allow: "GET, HEAD" });
  expect((await ask("HEAD", "/health/live")).status).toBe(200);
});
