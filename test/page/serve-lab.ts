import type { Lab } from "../../src/api/lab.ts";
import { createService } from "../../src/api/service.ts";
import { transportPair } from "../../src/api/transport.ts";
import { pageDir } from "../../src/lab/project.ts";
import { loadPage } from "../../src/server/page-files.ts";
import { startServer } from "../../src/server/server.ts";

export interface ServedLab {
  /** Good for one browser, once. */
  readonly url: string;
  close(): Promise<void>;
}

/** The built page over the real server and the real service, with whatever lab. */
export async function serveLab(lab: Lab): Promise<ServedLab> {
  const page = await loadPage(pageDir());
  if (page.size === 0) throw new Error("The page is not built: npm test -- page.");
  const service = createService({ lab, later: (callback, delayMs) => void setTimeout(callback, delayMs) });
  const connectLab = () => {
    const [face, end] = transportPair();
    service.connect(end);
    return face;
  };
  const server = await startServer({ port: 0, page, connectLab });
  return {
    url: server.url,
    close: async () => {
      await server.close("the test is over");
      await service.close("the test is over");
    },
  };
}
