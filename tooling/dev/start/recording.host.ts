import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";
import { selfSigned, speechWav, spokenIn } from "@call-ledger/simulator/recording";

/** A host of recordings for test calls, and the settings with which the api fetches them. */
export type RecordingHost = {
  /** `host:port` */
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): void;
};

const CHANNEL = /\/(mono|stereo)\.wav$/;

/**
 * Serves the recordings of test calls over https on this machine. The certificate is made at the start, and only the
 * api that is started trusts it. The path of a recording contains who speaks when. `env`: the known part of the api's
 * environment.
 */
export async function startRecordingHost(
  env: Readonly<Record<string, string>>,
  stateFolder: string,
): Promise<RecordingHost> {
  const certificate = selfSigned("localhost");
  const server = createServer(certificate, (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "https://localhost");
    const channel = CHANNEL.exec(pathname)?.[1];
    if (channel !== "mono" && channel !== "stereo") return void response.writeHead(404).end();
    const wav = speechWav(spokenIn(decodeURIComponent(pathname.split("/")[1] ?? "")), channel);
    response.writeHead(200, { "content-type": "audio/wav", "content-length": wav.length }).end(wav);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The host of recordings has no port.");
  server.unref();
  const trusted = join(stateFolder, "recording-host.pem");
  const others = env.NODE_EXTRA_CA_CERTS;
  writeFileSync(
    trusted,
    (others === undefined ? "" : `${readFileSync(others, "utf8")}\n`) + certificate.cert,
  );
  const added = (name: string, value: string): string => [env[name], value].filter(Boolean).join(",");
  const at = `localhost:${address.port}`;
  return {
    address: at,
    env: {
      RECORDING_HOSTS: added("RECORDING_HOSTS", "localhost"),
      RECORDING_TEST_HOSTS: added("RECORDING_TEST_HOSTS", at),
      NODE_EXTRA_CA_CERTS: trusted,
      // A stereo recording gives the waveform both parties separately.
      RECORDING_CHANNELS: env.RECORDING_CHANNELS ?? "stereo",
    },
    stop: () => void server.close(),
  };
}
