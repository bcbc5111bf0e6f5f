import { signal } from "@preact/signals";
import { type Client, connectClient } from "../../src/api/client.ts";
import { contractVersion } from "../../src/api/contract.ts";
import { ApiError } from "../../src/api/failure.ts";
import type { Transport } from "../../src/api/transport.ts";

/** The lab that this window speaks to. */
export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "open"; readonly client: Client }
  | { readonly kind: "ended"; readonly why: string };

export const connection = signal<Connection>({ kind: "connecting" });

/** Tells of each new connection: lists are read anew. */
const openers: ((client: Client) => void)[] = [];
export const onOpen = (listener: (client: Client) => void): void => void openers.push(listener);

/** Connects, and says so when the connection ends. */
export async function connect(open: () => Promise<Transport>): Promise<void> {
  connection.value = { kind: "connecting" };
  try {
    const client = connectClient(await open());
    const about = await client.call("about", {});
    if (about.contractVersion !== contractVersion) {
      client.close();
      throw new Error(`The lab speaks version ${about.contractVersion}, this page version ${contractVersion}. Load the page again.`);
    }
    connection.value = { kind: "open", client };
    for (const listener of openers) listener(client);
    void client.closed.then((why) => (connection.value = { kind: "ended", why }));
  } catch (error) {
    connection.value = { kind: "ended", why: error instanceof Error ? error.message : String(error) };
  }
}

/** The open connection. Throws an ApiError without one. */
export function lab(): Client {
  if (connection.value.kind === "open") return connection.value.client;
  throw new ApiError("disconnected", { what: "the window is not connected to the lab" });
}

/** An error in words for a person. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
