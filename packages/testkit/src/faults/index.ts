export { freeze } from "./freeze.ts";
export { type TcpProxy, tcpProxy } from "./tcp-proxy.ts";
