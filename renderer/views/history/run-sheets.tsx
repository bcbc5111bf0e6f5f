import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { TextField } from "../../parts/field.tsx";
import { Sheet } from "../../parts/sheet.tsx";
import { removeRun, renameRun } from "../../state/run-actions.ts";

interface SheetFor {
  readonly run: string;
  readonly label: string;
  readonly onClose: () => void;
}

export function RenameSheet({ run, label, onClose }: SheetFor): JSX.Element {
  const wanted = useSignal(label);
  return (
    <Sheet label="Rename a run" onClose={onClose}>
      <form
        class="run-sheet"
        onSubmit={(event) => {
          event.preventDefault();
          void renameRun(run, wanted.value.trim());
          onClose();
        }}
      >
        <TextField label={`What to call ${run}`} width={360} value={wanted.value} placeholder="its own name" onChange={(value) => (wanted.value = value)} />
        <div>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="main">Rename</button>
        </div>
      </form>
    </Sheet>
  );
}

export function RemoveSheet({ run, label, onClose }: SheetFor): JSX.Element {
  const remove = (): void => {
    void removeRun(run);
    onClose();
  };
  return (
    <Sheet label="Delete a run" onClose={onClose}>
      <div class="run-sheet">
        <p>
          Delete {label === "" ? run : `${label} (${run})`}? It can be had back for a month.
        </p>
        <div>
          <button onClick={onClose}>Cancel</button>
          <button class="danger" onClick={remove}>
            Delete
          </button>
        </div>
      </div>
    </Sheet>
  );
}
