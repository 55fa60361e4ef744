import type { LatencySummary } from "../statistics/latency.summary.ts";
import type { ByteRange } from "../traffic/traffic.file.ts";

/** What a load process has to do. */
export type LoadJob = {
  /** Servers on 127.0.0.1; connections are spread evenly. */
  readonly ports: readonly number[];
  readonly path: string;
  /** What deliveries are signed with, just before the run. */
  readonly secret: string;
  readonly trafficFile: string;
  /** The part of the traffic to send. */
  readonly range: ByteRange;
  /** Start again when it is used up; only for servers that store nothing. */
  readonly cycle: boolean;
  readonly pace: LoadPace;
};

export type LoadPace =
  /** Each connection sends when its last request was answered; what is answered before `warmupSeconds` is not counted. */
  | {
      readonly loop: "closed";
      readonly connections: number;
      readonly warmupSeconds: number;
      readonly seconds: number;
    }
  /** Requests are due at a fixed rate; latencies count from when they were due. */
  | {
      readonly loop: "open";
      readonly connections: number;
      readonly ratePerSecond: number;
      readonly seconds: number;
    };

export type LoadResult = {
  /** Answers with a 2xx in the counted time. */
  readonly accepted: number;
  /** Length of the counted time. */
  readonly seconds: number;
  readonly acceptedPerSecond: number;
  /** How many of the traffic were sent in all. */
  readonly sent: number;
  /** Of the bodies sent, all in all. */
  readonly bytesSent: number;
  /** Answers by status, all in all. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly latency: LatencySummary;
};
