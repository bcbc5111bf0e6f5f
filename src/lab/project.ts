import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

let found = "";

/** The folder that holds vm-images/: the checkout, or wherever the app was installed. */
function projectDir(): string {
  if (found !== "") return found;
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "vm-images", "agent"))) return (found = folder);
    if (dirname(folder) === folder) throw new Error("vm-images/ is nowhere above this program; the installation is not whole");
  }
}

/** The page as the set-up builds it; it may not be there. */
export const pageDir = (): string => join(projectDir(), "dist", "page");
export const vmImagesDir = (): string => join(projectDir(), "vm-images");
