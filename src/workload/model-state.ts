import type { SwapArea } from "../model/swap-area.ts";
import type { SwapCore } from "../model/swap-core.ts";
import { type AreaState, orderListName, type SwapState } from "./swap-state.ts";

/** The model's swap core as it is now, copied: what happens later does not change it. */
export function swapStateOf(core: SwapCore): SwapState {
  const { active, cpus } = core.slotsCache.contents;
  const { ready, returned } = cpus[0]!;
  const { slotsCache } = core.features;
  return {
    freeSlots: core.freePages,
    totalSlots: core.totalPages,
    slotsCache: slotsCache === "none" ? null : { active, toHandOut: [...ready], returned: [...returned] },
    areas: core.areas.filter((area) => area !== null).map((area) => areaStateOf(core, area)),
  };
}

function areaStateOf(core: SwapCore, area: SwapArea): AreaState {
  const { features } = core;
  const ordered = features.allocator !== "free-list";
  return {
    swapType: area.swapType,
    slots: area.map.slice(),
    folioSlots: folioSlotsOf(core, area),
    zeroes: features.zeroMap ? area.zeroBits.slice() : null,
    clusters: {
      used: area.used.slice(),
      state: area.state.slice(),
      order: ordered ? area.order.slice() : null,
      huge: features.hugeClusterFlag ? area.huge.slice() : null,
    },
    lists: listsOf(area, ordered),
    fragCounts: ordered && !features.holesFirst ? area.frag.map((list) => list.count) : null,
    cursors: core.allocatorOf(area).cursors()[0]!,
    usedSlots: area.inusePages,
    lowestSlot: area.lowestSlot,
    highestSlot: area.highestSlot,
  };
}

function folioSlotsOf(core: SwapCore, area: SwapArea): Uint16Array {
  const held = new Uint16Array(area.slotCount);
  for (let slot = 0; slot < area.slotCount; ) {
    const id = area.cached(slot);
    const { pageCount } = id === -1 ? { pageCount: 1 } : core.folios.get(id);
    if (id !== -1) held.fill(pageCount, slot, slot + pageCount);
    slot += pageCount;
  }
  return held;
}

/** The devices modelled have no use for discards, so that list is always empty. */
function listsOf(area: SwapArea, ordered: boolean): AreaState["lists"] {
  const lists: Record<string, number[]> = { free: [...area.free], discard: [] };
  if (!ordered) return lists;
  lists["full"] = [...area.full];
  for (const kind of ["nonfull", "frag"] as const) {
    for (const [order, list] of area[kind].entries()) lists[orderListName(kind, order)] = [...list];
  }
  return lists;
}
