import { createLab } from "../lab/lab.ts";
import { labProcessWord, parentTransport, serveLab } from "../lab/lab-process.ts";
import { serve } from "../server/serve.ts";
import { runCommandLine } from "./cli.ts";
import { runProcess } from "./process-life.ts";

// npm runs its scripts in the package's folder. The paths a person gives are meant from where the person is.
const startedIn = process.env["INIT_CWD"];
if (process.env["npm_lifecycle_event"] === "start" && startedIn !== undefined) process.chdir(startedIn);

if (process.argv[2] === labProcessWord && process.connected) {
  await runProcess(async () => {
    await serveLab(parentTransport());
    return 0;
  });
}

await runProcess(async (signal) =>
  runCommandLine(process.argv.slice(2), {
    lab: createLab(),
    serve,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    signal,
  }),
);
