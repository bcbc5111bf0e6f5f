import { folioKb, x86_64 } from "../../src/model/geometry.ts";

/** Anonymous memory has no folios of two pages. */
const folioOrders = [0, 2, 3, 4, 5, 6, 7, 8, 9].filter((order) => order <= x86_64.pmdOrder);

/** Folio sizes as a request takes them: `64kB`. */
export const folioNames = folioOrders.map((order) => `${folioKb(x86_64, order)}kB`);
