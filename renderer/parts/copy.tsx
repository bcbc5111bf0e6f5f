import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

/** Puts a text into the clipboard and says that it did. */
export function CopyButton({ text, label = "Copy" }: { readonly text: () => string; readonly label?: string }): JSX.Element {
  const said = useSignal("");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      said.value = "Copied";
    } catch {
      said.value = "The browser does not allow it";
    }
    setTimeout(() => (said.value = ""), 2000);
  };
  return (
    <span class="copy">
      <button onClick={() => void copy()}>{label}</button> <span role="status" class="quiet">{said.value}</span>
    </span>
  );
}
