import { randomFillSync } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { Certificate } from "@call-ledger/simulator/recording";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A provider's host with real TLS on 127.0.0.1. A test sets its answers. */
export type SourceHost = {
  readonly port: number;
  /** `localhost:port`, in the form of RECORDING_TEST_HOSTS. */
  readonly testHost: string;
  url(path: string): string;
  /** Sets the answer of a path from now on. Other paths get 404. */
  answer(path: string, answer: Answer): void;
  /** All requests so far. */
  readonly requests: { readonly path: string; readonly authorization: string | undefined }[];
  stop(): Promise<void>;
};

export async function sourceHost(certificate: Certificate): Promise<SourceHost> {
  const answers = new Map<string, Answer>();
  const requests: { path: string; authorization: string | undefined }[] = [];
  const server = createServer(certificate, (request, response) => {
    const path = new URL(request.url ?? "/", "https://localhost").pathname;
    requests.push({ path, authorization: request.headers.authorization });
    const answer = answers.get(path) ?? ((_, missing) => void missing.writeHead(404).end());
    void answer(request, response);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the host has no port");
  const { port } = address;
  return {
    port,
    testHost: `localhost:${port}`,
    url: (path) => `https://localhost:${port}${path}`,
    answer: (path, answer) => void answers.set(path, answer),
    requests,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Returns a WAV header and noise. */
export function recordingOf(bytes: number): Buffer {
  const recording = Buffer.alloc(bytes);
  randomFillSync(recording, 44);
  recording.write("RIFF", 0, "latin1");
  recording.writeUInt32LE(bytes - 8, 4);
  recording.write("WAVEfmt ", 8, "latin1");
  return recording;
}

export function whole(body: Uint8Array, contentType = "audio/wav"): Answer {
  return (_, response) => {
    response.writeHead(200, { "content-type": contentType, "content-length": body.length }).end(body);
  };
}

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (_, response) => void response.writeHead(code, headers).end("no");
}

/** Announces the whole body, sends half of it and drops the connection. */
export function halfOf(body: Uint8Array): Answer {
  return (_, response) => {
    response.writeHead(200, { "content-length": body.length });
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  };
}

/** Sends the body in `pieces`, with a pause before each. */
export function slowly(body: Uint8Array, pieces: number, pauseMs: number): Answer {
  return async (_, response) => {
    response.writeHead(200, { "content-length": body.length });
    const size = Math.ceil(body.length / pieces);
    for (let at = 0; at < body.length && !response.destroyed; at += size) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      response.write(body.subarray(at, at + size));
    }
    response.end();
  };
}
