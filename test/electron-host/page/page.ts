import { makeBridge } from "./bridge.ts";

/** Runs in every document, twice: in the page's world, and in the preload's. */
export { preloadWorld } from "./preload-world.ts";
export const mainWorld = (channel: string): void => void makeBridge(channel, false);
