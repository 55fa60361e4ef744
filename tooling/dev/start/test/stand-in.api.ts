import { createServer } from "node:http";

// Replaces the api in tests: answers its readiness, and prints its settings and how it was ended.
const tell = (word: string): void => void process.stdout.write(`api: ${word}\n`);
const {
  DRAIN_MS = "50",
  LISTEN_HOST,
  PORT,
  DATABASE_URL,
  DIRECT_DATABASE_URL,
  VAPI_WEBHOOK_SECRET,
} = process.env;

createServer((_, response) => {
  // As the api logs each request.
  process.stdout.write('{"level":"info","msg":"request"}\n{"level":"warn","msg":"slow"}\n');
  response.end("ok");
}).listen({ port: Number(PORT), host: LISTEN_HOST }, () => {
  tell(
    JSON.stringify({
      pid: process.pid,
      LISTEN_HOST,
      PORT,
      DATABASE_URL,
      DIRECT_DATABASE_URL,
      VAPI_WEBHOOK_SECRET,
    }),
  );
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    tell(signal);
    setTimeout(() => process.exit(0), Number(DRAIN_MS));
  });
}
