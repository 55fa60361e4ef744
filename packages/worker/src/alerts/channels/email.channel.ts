import type { Socket } from "node:net";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { createTransport } from "nodemailer";
import { EgressFault } from "../../egress/egress-fault.ts";
import { isTestHost } from "../../egress/host-rules.ts";
import type { ConnectionPorts } from "../../egress/secure-connection.ts";
import { checkedAddresses } from "../../egress/secure-connection.ts";
import { orAborted } from "../../loop/or-aborted.ts";
import type { AlertMessage } from "../alert-message.ts";
import { mailServer } from "./mail-server.ts";

const CONNECT_MS = 10_000;
const ANSWER_MS = 20_000;

type Email = Extract<ChannelSettings, { kind: "email" }>;

/**
 * Submits one mail over SMTP, with TLS from the start (`smtps:`) or after STARTTLS. Without STARTTLS it sends nothing,
 * unless the operator has named the server in ALERT_HOSTS. The host is resolved once and its addresses are checked.
 * Returns how many receivers the server refused; `null`: none. Throws EgressFault, or the signal's reason.
 */
export async function sendEmail(
  { smtp, from, to }: Email,
  { id, subject, text }: AlertMessage & { readonly id: string },
  ports: ConnectionPorts,
  signal: AbortSignal,
): Promise<string | null> {
  const url = new URL(smtp);
  const isSecure = url.protocol === "smtps:";
  const { host, port } = mailServer(smtp, ports.rules);
  const socket = await connected({ host, port }, ports, signal);
  const transport = createTransport({
    host,
    port,
    secure: isSecure,
    requireTLS: !isTestHost({ host, port }, ports.rules),
    greetingTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    tls: ports.ca === undefined ? {} : { ca: ports.ca },
    ...(url.username === ""
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    disableFileAccess: true,
    disableUrlAccess: true,
    getSocket: (_options, done) => done(null, { connection: socket }),
  });
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const mail = {
      from,
      to: [...to],
      subject: `[call-ledger] ${subject}`,
      text,
      messageId: `<${id}@call-ledger>`,
    };
    const { rejected } = await orAborted(transport.sendMail(mail), signal);
    return rejected.length === 0 ? null : `the server refuses ${rejected.length} of ${to.length} receivers`;
  } catch (error) {
    signal.throwIfAborted();
    throw new EgressFault("passing", mailFault(error));
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
    socket.destroy();
  }
}

async function connected(
  target: { readonly host: string; readonly port: number },
  ports: ConnectionPorts,
  signal: AbortSignal,
): Promise<Socket> {
  for (const address of await checkedAddresses(target, ports, signal)) {
    const socket = ports.network.connect(address, target.port);
    // An error between two listeners must not end the process.
    socket.on("error", () => undefined);
    if (await opens(socket, signal)) return socket;
    socket.destroy();
  }
  throw new EgressFault("passing", "the server does not accept a connection");
}

function opens(socket: Socket, signal: AbortSignal): Promise<boolean> {
  const opened = new Promise<boolean>((resolve) => {
    const timer = setTimeout(resolve, CONNECT_MS, false);
    socket.once("connect", () => resolve(true));
    socket.once("close", () => resolve(false));
    socket.once("close", () => clearTimeout(timer));
    socket.once("connect", () => clearTimeout(timer));
  });
  return orAborted(opened, signal);
}

/** Our words for Nodemailer's codes. The server's own text is not used, because it may quote an address. */
const FAULTS: Readonly<Record<string, string>> = {
  EAUTH: "the server refuses the user or the password",
  ESOCKET: "the connection broke off, or the server's certificate is not valid",
  ETLS: "the server offers no TLS, or its certificate is not valid",
  EENVELOPE: "the server refuses the sender or the receiver",
  EMESSAGE: "the server refuses the message",
};

function mailFault(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const status =
    error instanceof Error && "responseCode" in error ? ` (SMTP ${Number(error.responseCode)})` : "";
  return `${FAULTS[code] ?? "the server does not answer"}${status}`;
}
