import type { RequestListener } from "node:http";
import type { Socket } from "node:net";

/** The max number of requests that wait in this process for an earlier one of their connection. Each takes some KB. */
const MAX_WAITING = 4_000;

/**
 * Answers the requests of a connection one after the other. Clients may send many without waiting (pipelining), and the
 * answers to all of them would stay in memory until the client reads the first. Beyond `max` waiting requests of all
 * connections, the connection that sends one more is closed.
 */
export function requestsInTurn(app: RequestListener, max = MAX_WAITING): RequestListener {
  const waitingOf = new WeakMap<Socket, (() => void)[]>();
  let waiting = 0;
  const queueOf = (socket: Socket): (() => void)[] => {
    const queue: (() => void)[] = [];
    waitingOf.set(socket, queue);
    socket.once("close", () => {
      waiting -= queue.length;
      queue.length = 0;
    });
    return queue;
  };
  const busy = new WeakSet<Socket>();
  return (req, res) => {
    const { socket } = req;
    const queue = waitingOf.get(socket) ?? queueOf(socket);
    const answer = (): void => {
      busy.add(socket);
      res.once("close", () => {
        const next = queue.shift();
        if (next === undefined) return void busy.delete(socket);
        waiting -= 1;
        // The other connections come first. An answer that its client takes at once would otherwise be followed by the
        // next one without a pause.
        setImmediate(next);
      });
      app(req, res);
    };
    if (!busy.has(socket)) return answer();
    if (waiting >= max) return void socket.destroy();
    waiting += 1;
    queue.push(answer);
  };
}
