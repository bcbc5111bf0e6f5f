import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import "./sheet.css";

interface SheetProps {
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly class?: string;
}

/** A sheet over the window. The browser keeps the focus in it, closes it on Escape, and gives the focus back. */
export function Sheet({ label, onClose, children, class: name = "" }: SheetProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // At once: what is typed next belongs to the sheet.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog ref={dialog} class={`sheet ${name}`} aria-label={label} onClose={onClose} onClick={closeOutside}>
      {children}
    </dialog>
  );
}
