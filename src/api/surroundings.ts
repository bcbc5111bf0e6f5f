import type { EventName, EventOf } from "./contract.ts";
import type { Lab } from "./lab.ts";
import type { Later } from "./output-flow.ts";

/** Tells every face. */
export type Publish = <Name extends EventName>(name: Name, event: EventOf<Name>) => void;

/** What the calls of all connections have in common. */
export interface Surroundings {
  readonly lab: Lab;
  readonly later: Later;
  readonly publish: Publish;
}
