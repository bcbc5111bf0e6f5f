import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { WebglAddon } from "@xterm/addon-webgl";
import { Terminal } from "@xterm/xterm";
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { isDark } from "../../shell/theme.ts";
import { Empty, Failure, Loading } from "../../parts/states.tsx";
import { consoleFile } from "../../state/bundle-text.ts";
import { ConsoleLog } from "../../state/console-log.ts";
import type { RunPhase } from "../../state/run.ts";
import { live, result } from "../../state/shown.ts";
import { terminalTheme } from "./terminal-theme.ts";
import "./console.css";

const scrollbackLines = 20_000;

/** The guest's console: as it comes over the wire, or as an older run's bundle has it; with a kept guest, a shell in it. */
export function ConsoleTab(): JSX.Element {
  const run = live.value;
  const name = result.value?.run ?? "";
  // A restored guest may print nothing: what it printed before it was saved is in the bundle.
  const isInBundle = name !== "" && run?.phase.value === "ended" && run.console.isEmpty;
  if (run !== null && !isInBundle) return <Console key={run.startedMs} log={run.console} phase={run.phase.value} onType={(bytes) => void run.type(bytes)} />;
  if (name !== "") return <OldConsole key={name} run={name} />;
  return <Empty title="No console yet">The guest’s console is shown here while a run lasts, and can be typed into when the guest is kept.</Empty>;
}

function OldConsole({ run }: { readonly run: string }): JSX.Element {
  const log = useRef<ConsoleLog | null>(null);
  useEffect(() => void consoleFile.load(run), [run]);
  const { bytes, error } = consoleFile.loaded.value;
  if (error !== "") return <Failure message={error} />;
  if (bytes === null) return <Loading what="Reading the console…" />;
  if (log.current === null) {
    log.current = new ConsoleLog();
    void log.current.write(bytes, 0);
  }
  return <Console log={log.current} phase="ended" onType={() => undefined} />;
}

interface ConsoleProps {
  readonly log: ConsoleLog;
  readonly phase: RunPhase;
  readonly onType: (bytes: Uint8Array) => void;
}

function Console({ log, phase, onType }: ConsoleProps): JSX.Element {
  const holder = useRef<HTMLDivElement>(null);
  const search = useRef<SearchAddon | null>(null);
  const wanted = useSignal("");
  const canType = useRef(false);
  canType.current = phase === "kept";
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const { terminal, finder, close } = openTerminal(element, log);
    search.current = finder;
    const encoder = new TextEncoder();
    terminal.onData((typed) => {
      if (canType.current) onType(encoder.encode(typed));
    });
    const forget = isDark.subscribe((dark) => (terminal.options.theme = terminalTheme(dark)));
    return () => {
      forget();
      close();
    };
  }, [log]);
  const find = (by: 1 | -1): void => {
    if (wanted.value === "") search.current?.clearDecorations();
    else if (by === 1) search.current?.findNext(wanted.value);
    else search.current?.findPrevious(wanted.value);
  };
  return (
    <div class="console">
      <div class="console-tools">
        <span class="quiet">{phase === "kept" ? "A shell in the guest. F6 leaves the terminal." : phase === "ended" ? "The guest has ended." : "To be read only until the verdict."}</span>
        <input
          type="search"
          aria-label="Search the console"
          placeholder="Search"
          value={wanted.value}
          onInput={(event) => {
            wanted.value = event.currentTarget.value;
            find(1);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") find(event.shiftKey ? -1 : 1);
          }}
        />
      </div>
      <div ref={holder} class="console-terminal" data-terminal />
    </div>
  );
}

interface OpenTerminal {
  readonly terminal: Terminal;
  readonly finder: SearchAddon;
  readonly close: () => void;
}

function openTerminal(element: HTMLElement, log: ConsoleLog): OpenTerminal {
  const terminal = new Terminal({
    fontFamily: '"DejaVu Sans Mono", Menlo, Consolas, monospace',
    fontSize: 12,
    scrollback: scrollbackLines,
    theme: terminalTheme(isDark.peek()),
    cursorBlink: false,
    convertEol: false,
    screenReaderMode: false,
    // A guest's links lead nowhere: what it prints is text.
    linkHandler: { activate: () => undefined },
  });
  const fit = new FitAddon();
  const finder = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(finder);
  terminal.open(element);
  useGpu(terminal);
  const write = async (bytes: Uint8Array): Promise<void> => new Promise((resolve) => terminal.write(bytes, resolve));
  for (const chunk of log.attach(write)) terminal.write(chunk);
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(element);
  return {
    terminal,
    finder,
    close: () => {
      observer.disconnect();
      log.detach();
      terminal.dispose();
    },
  };
}

/**
 * Draws with WebGL where there is a GPU for it. Drawn by the processor it is slower than the page's own elements, which do it
 * otherwise, and when the GPU is lost.
 */
function useGpu(terminal: Terminal): void {
  const probe = document.createElement("canvas").getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  const unmasked = probe?.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL;
  if (probe === null || (unmasked !== undefined && isSoftware.test(String(probe.getParameter(unmasked))))) return;
  const gpu = new WebglAddon();
  gpu.onContextLoss(() => gpu.dispose());
  terminal.loadAddon(gpu);
}

const isSoftware = /swiftshader|llvmpipe|softpipe|software/i;
