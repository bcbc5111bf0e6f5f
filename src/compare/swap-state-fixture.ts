import { generations, type GenerationName } from "../model/features.ts";
import { x86_64 } from "../model/geometry.ts";
import { oneArea } from "../workload/areas-fixture.ts";
import { Machine } from "../workload/machine.ts";
import type { SwapState } from "../workload/swap-state.ts";

/** Some slots used, some cached, one cluster full. */
export function stateOf(name: GenerationName): SwapState {
  const machine = new Machine({ generation: generations[name], geometry: x86_64, scanStarts: [100] }, oneArea(8192));
  machine.start();
  const range = { firstPage: 0, pageCount: 700 };
  machine.execute({ op: "map", in: "main", region: "a", pageCount: 700, folioOrder: 0, share: "private" });
  machine.execute({ op: "fill", in: "main", region: "a", range, pattern: { kind: "words" } });
  machine.execute({ op: "pageout", in: "main", region: "a", range });
  return machine.swapState();
}
