import type { ITheme } from "@xterm/xterm";

/** A terminal draws itself and knows no style sheet: its colours are those of theme.css. */
export function terminalTheme(isDark: boolean): ITheme {
  return isDark
    ? { background: "#171b20", foreground: "#e4e8ed", cursor: "#78b7f2", selectionBackground: "#1d3550" }
    : {
        background: "#ffffff",
        foreground: "#1a1f26",
        cursor: "#0a5aa8",
        selectionBackground: "#bcd8f3",
        black: "#1a1f26",
        red: "#a8320f",
        green: "#0d6b4f",
        yellow: "#7a5200",
        blue: "#0a5aa8",
        magenta: "#7a2a86",
        cyan: "#0b6a77",
        white: "#525c69",
        brightBlack: "#525c69",
        brightRed: "#a8320f",
        brightGreen: "#0d6b4f",
        brightYellow: "#7a5200",
        brightBlue: "#0a5aa8",
        brightMagenta: "#7a2a86",
        brightCyan: "#0b6a77",
        brightWhite: "#1a1f26",
      };
}
