import { InvalidArgumentError, Option, type Command } from "commander";
import { exitCodes, type Context } from "./context.ts";

const portMax = 65_535;

const examples = `
The address has a token that is good for one browser, once. Only this machine can
reach it; from another one go through ssh with the same port on both sides.

Examples:
  npm start -- serve
  npm start -- serve --port 7777
`;

/** `serve`: the window in a browser, for a lab on this machine or behind ssh. */
export function addServeCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  program
    .command("serve")
    .summary("show the lab in a browser")
    .description("Serves the lab's page to a browser on this machine until Ctrl-C.")
    .addOption(new Option("--port <port>", "the port, in place of one that is free").argParser(parsePort).default(0, "one that is free"))
    .option("--open", "show it in this machine's browser")
    .addHelpText("after", examples)
    .action(async ({ port, open }: { port: number; open?: true }) => {
      await context.serve({ port, open: open === true }, context);
      exitWith(exitCodes.pass);
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > portMax) throw new InvalidArgumentError(`a port is a number from 1 to ${portMax}.`);
  return port;
}
