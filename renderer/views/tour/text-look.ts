import { type Look, noPaint, unicodeSymbols } from "../../../src/report/look.ts";

/** How what the command line prints stands in the page. */
export const textLook: Look = { columns: 72, symbols: unicodeSymbols, paint: noPaint };
