import type { LatencySummary } from "../statistics/latency.summary.ts";
import type { ByteRange } from "../traffic/traffic.file.ts";

/** The task of a load process. */
export type LoadJob = {
  /** The ports of the servers on 127.0.0.1. Connections are spread evenly. */
  readonly ports: readonly number[];
  readonly path: string;
  /** The secret that signs deliveries just before the run. */
  readonly secret: string;
  readonly trafficFile: string;
  /** The part of the traffic to send. */
  readonly range: ByteRange;
  /** Whether to start again after the end of the range; only for servers that store nothing. */
  readonly cycle: boolean;
  readonly pace: LoadPace;
};

export type LoadPace =
  /** Each connection sends after its last request was answered. Answers before `warmupSeconds` are not counted. */
  | {
      readonly loop: "closed";
      readonly connections: number;
      readonly warmupSeconds: number;
      readonly seconds: number;
    }
  /** Requests are due at a fixed rate. A latency counts from the time when the request was due. */
  | {
      readonly loop: "open";
      readonly connections: number;
      readonly ratePerSecond: number;
      readonly seconds: number;
    };

export type LoadResult = {
  /** Answers with 2xx in the counted time. */
  readonly accepted: number;
  /** The length of the counted time. */
  readonly seconds: number;
  readonly acceptedPerSecond: number;
  /** The number of all sent deliveries. */
  readonly sent: number;
  /** The bytes of all sent bodies. */
  readonly bytesSent: number;
  /** The number of all answers, by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly latency: LatencySummary;
};
