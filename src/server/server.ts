import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Transport } from "../api/transport.ts";
import { LabError } from "../lab/errors.ts";
import { Access } from "./access.ts";
import type { PageFile } from "./page-files.ts";
import { answerRequests } from "./requests.ts";
import { acceptSockets } from "./sockets.ts";

/** Nobody but this machine reaches it. */
const address = "127.0.0.1";
const headersDeadlineMs = 10_000;
const requestDeadlineMs = 20_000;
const tcpConnectionsMax = 64;

export interface RunningServer {
  readonly port: number;
  /** The address for a person, good for once. */
  readonly url: string;
  /** Ends every connection. */
  close(why: string): Promise<void>;
}

export interface ServerParts {
  /** 0 for one that is free. */
  readonly port: number;
  readonly page: ReadonlyMap<string, PageFile>;
  readonly connectLab: () => Transport;
}

/** @throws LabError `usage` when the port is taken or may not be used */
export async function startServer({ port, page, connectLab }: ServerParts): Promise<RunningServer> {
  const server = createServer({ headersTimeout: headersDeadlineMs, requestTimeout: requestDeadlineMs });
  server.maxConnections = tcpConnectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(port, error)));
    server.listen(port, address, resolve);
  });
  const access = new Access((server.address() as AddressInfo).port);
  server.on("request", answerRequests(access, page));
  const endSockets = acceptSockets(server, access, connectLab);
  return {
    port: (server.address() as AddressInfo).port,
    url: `http://${access.hosts[0]}${access.path}`,
    close: async (why) => {
      await endSockets(why);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function cannotListen(port: number, error: NodeJS.ErrnoException): LabError {
  const what = { EADDRINUSE: "it is in use by another program", EACCES: "ports below 1024 are for root" }[error.code ?? ""] ?? error.message;
  return new LabError("usage", { what, where: `port ${port}`, next: "Choose another --port, or none for one that is free." });
}
