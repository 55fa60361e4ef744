import { randomUUID } from "node:crypto";
import type { HealthStatus } from "@call-ledger/contract/health";
import { faultNamed } from "@call-ledger/db/errors";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import { webhookUrl } from "../../simulation/send-delivery.ts";
import type { Check, Finding } from "../checks/check.ts";
import type { HealthAnswer } from "./ask-health.ts";
import { askHealth } from "./ask-health.ts";
import { unreachableServer } from "./unreachable-server.ts";

export const SLOWEST_HEALTH_MS = 500;
const DEADLINE_MS = 10_000;

/** Checks of a running server that need no credential. */
export const SERVER_CHECKS: readonly Check<URL>[] = [
  {
    id: "health_endpoint",
    expected: "200, status ok, every service true, in the form of the guide",
    run: async (server) => healthFinding(await askHealth(server)),
  },
  {
    id: "health_database_size",
    expected: "200 with a database_size_mb above 0",
    needs: "health_endpoint",
    run: async (server) => sizeFinding(await askHealth(server)),
  },
  {
    id: "health_response_time",
    expected: `/health answers in less than ${SLOWEST_HEALTH_MS} ms`,
    run: async (server) => {
      const ms = await fastestMs(server);
      return {
        ok: ms < SLOWEST_HEALTH_MS,
        found: `${ms} ms, the fastest of three`,
        next: "The server or the network is slow. Check its CPU and the database's load before you continue.",
      };
    },
  },
  {
    id: "invalid_signature_refused",
    expected: "401 for an unsigned delivery",
    run: async (server) => signatureFinding(await statusOfUnsigned(server)),
  },
];

/** Makes three requests, because the first one includes the handshakes. */
async function fastestMs(server: URL): Promise<number> {
  const times = [await askHealth(server), await askHealth(server), await askHealth(server)].map(
    ({ ms }) => ms,
  );
  return Math.min(...times);
}

function healthFinding({ httpStatus, health, fault }: HealthAnswer): Finding {
  if (health === null) {
    return {
      ok: false,
      found: `${httpStatus}, ${fault}`,
      next: "This is not call-ledger's /health: is the URL right, and is this release deployed?",
    };
  }
  const { services, status } = health;
  const away = awayIn(health, SERVICES);
  return {
    ok: httpStatus === 200 && status === "ok",
    found: `${httpStatus}, status ${status}, ${away.length === 0 ? "every service true" : `false: ${away.join(", ")}`}`,
    next:
      faultNamed(health.database_fault)?.next ??
      SERVICES.flatMap((name) => (services[name] ? [] : [ADVICE[name]]))[0] ??
      "Read /health with METRICS_TOKEN, and check queue, housekeeping and storage.",
  };
}

const SERVICES = ["database", "supabase", "backgroundJobs"] as const;
type Service = (typeof SERVICES)[number];

/** The next step if a service is not available. */
export const ADVICE: Readonly<Record<Service, string>> = {
  database:
    "The server does not reach its database. Check the server's DATABASE_URL, and the database itself.",
  supabase: "Recordings cannot be stored. Check the server's STORAGE_DRIVER and S3 settings.",
  backgroundJobs: "No worker has sent a heartbeat for a minute. Set WORKER=inline, or start the worker.",
};

/** Returns the services that are not available, with the reason for the database; none if there is no report. */
export function awayIn(health: HealthStatus | null, among: readonly Service[]): string[] {
  const away = among.filter((name) => health?.services[name] === false);
  const reason = health?.database_fault ?? null;
  return away.map((name) => (name === "database" && reason !== null ? `database (${reason})` : name));
}

function sizeFinding({ httpStatus, health }: HealthAnswer): Finding {
  const size = health?.database_size_mb ?? null;
  return {
    ok: httpStatus === 200 && size !== null && size > 0,
    found: `${httpStatus}, database_size_mb ${size ?? "missing"}`,
    next: "The server does not reach its database, or migrations are missing there. Run migrate, then verify.",
  };
}

function signatureFinding(status: number): Finding {
  return {
    ok: status === 401,
    found: `${status}`,
    next:
      status >= 200 && status < 300
        ? "The server does not verify signatures. Take it off the network, and check that this release runs."
        : "The webhook does not answer as it should: is the URL right, and is this release deployed?",
  };
}

/** Returns the status of a delivery that is signed with a wrong secret. */
async function statusOfUnsigned(server: URL): Promise<number> {
  const url = webhookUrl(server);
  const stranger = { webhookSecrets: [randomUUID()], verification: null };
  const body = Buffer.from("{}");
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: DEFAULT_PROVIDER.sign(body, stranger, Date.now()),
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    throw unreachableServer(url, error);
  }
}
