import { SMTPServer } from "smtp-server";
import type { Certificate } from "../http/index.ts";

/** A mail that a server accepted. */
export type TakenMail = {
  readonly user: string | undefined;
  readonly secure: boolean;
  readonly to: readonly string[];
  readonly content: string;
};

/** A mail server on 127.0.0.1, with STARTTLS, that requires a login. */
export type MailHost = {
  readonly port: number;
  /** `localhost:port`, in the form of ALERT_HOSTS. */
  readonly testHost: string;
  readonly mails: readonly TakenMail[];
  /** Refuses every mail from now on with this reply code; `null`: accepts mails again. */
  refuse(code: number | null): void;
  /** Refuses this receiver from now on; `null`: accepts all again. */
  refuseReceiver(address: string | null): void;
  stop(): Promise<void>;
};

/** Starts a mail server. `hasTls` false: the server offers no STARTTLS. */
export async function mailHost(
  certificate: Certificate,
  user: { readonly name: string; readonly password: string },
  { hasTls = true } = {},
): Promise<MailHost> {
  const mails: TakenMail[] = [];
  let refusal: number | null = null;
  let stranger: string | null = null;
  const server = new SMTPServer({
    ...certificate,
    authOptional: false,
    disabledCommands: hasTls ? [] : ["STARTTLS"],
    allowInsecureAuth: !hasTls,
    onAuth({ username, password }, _session, done) {
      if (username === user.name && password === user.password) done(null, { user: username });
      else done(new Error("no such user"));
    },
    onRcptTo({ address }, _session, done) {
      if (address !== stranger) done();
      else done(Object.assign(new Error("no such receiver"), { responseCode: 550 }));
    },
    onData(stream, session, done) {
      let content = "";
      stream.on("data", (chunk: Buffer) => {
        content += chunk.toString();
      });
      stream.on("end", () => {
        if (refusal !== null) return done(Object.assign(new Error("not now"), { responseCode: refusal }));
        mails.push({
          user: String(session.user),
          secure: session.secure,
          to: session.envelope.rcptTo.map(({ address }) => address),
          content,
        });
        done();
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the mail host has no port");
  const { port } = address;
  return {
    port,
    testHost: `localhost:${port}`,
    mails,
    refuse(code) {
      refusal = code;
    },
    refuseReceiver(address) {
      stranger = address;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
