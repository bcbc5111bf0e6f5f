/**
 * Bounds of what slot maps may hold. A recording stops before it passes one; a file by somebody else that does is refused,
 * so that it cannot make a reader work or remember without end.
 */
export const mapLimits = {
  fileBytes: 64 * 1024 * 1024,
  stepCount: 10_000,
  areaCount: 8,
  slotCount: 4 * 1024 * 1024,
  /** Slots of all areas, summed over all steps. */
  slotsOverAll: 128 * 1024 * 1024,
  listCount: 64,
  ownerCount: 4096,
  /** Runs of slots of all owners of a side. */
  runCount: 256 * 1024,
  nameLength: 64,
} as const;
