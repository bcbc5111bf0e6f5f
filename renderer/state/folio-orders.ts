import { x86_64 } from "../../src/model/geometry.ts";

/** Anonymous memory has no folios of two pages. */
export const folioOrders: readonly number[] = [0, 2, 3, 4, 5, 6, 7, 8, 9].filter((order) => order <= x86_64.pmdOrder);
