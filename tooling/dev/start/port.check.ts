import { createServer } from "node:net";

/**
 * Checks whether a server could listen on the port, on all addresses. Returns undefined if it could, else the error
 * code: EADDRINUSE, EACCES or another.
 */
export async function portProblem(port: number): Promise<string | undefined> {
  const problem = await tryListen(port, "::");
  return problem === "EAFNOSUPPORT" || problem === "EADDRNOTAVAIL" ? tryListen(port, "0.0.0.0") : problem;
}

function tryListen(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve("code" in error ? String(error.code) : error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
