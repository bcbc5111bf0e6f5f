import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import "./virtual-rows.css";

interface VirtualRowsProps {
  readonly label: string;
  readonly rowCount: number;
  readonly rowPx: number;
  readonly heading: ComponentChildren;
  readonly row: (index: number) => ComponentChildren;
  /** The chosen row is kept in view; null for none. */
  readonly chosen: number | null;
  readonly onChoose: (index: number) => void;
}

/** Rows above and below what is seen, so that scrolling does not show their making. */
const spareRows = 6;

/** A table of any length of which only the rows in view exist. The arrow keys move the chosen row. */
export function VirtualRows({ label, rowCount, rowPx, heading, row, chosen, onChoose }: VirtualRowsProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  // Several tables are on the page at a time.
  const id = useId();
  const top = useSignal(0);
  const height = useSignal(600);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (height.value = element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (element === null || chosen === null) return;
    const y = chosen * rowPx;
    if (y < element.scrollTop) element.scrollTop = y;
    else if (y + 2 * rowPx > element.scrollTop + element.clientHeight) element.scrollTop = y + 2 * rowPx - element.clientHeight;
  }, [chosen, rowPx]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(height.value / rowPx) - 2);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rowCount, End: rowCount }[event.key];
    if (by === undefined || rowCount === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onChoose(chosen === null ? 0 : Math.max(0, Math.min(rowCount - 1, chosen + by)));
  };
  const first = Math.max(0, Math.floor(top.value / rowPx) - spareRows);
  const end = Math.min(rowCount, Math.ceil((top.value + height.value) / rowPx) + spareRows);
  return (
    <div
      ref={scroller}
      class="virtual-rows"
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-activedescendant={chosen !== null && chosen >= first && chosen < end ? `${id}-${chosen}` : undefined}
      tabIndex={0}
      onScroll={(event) => (top.value = event.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div class="virtual-heading" role="row" aria-rowindex={1}>
        {heading}
      </div>
      <div class="virtual-all" role="rowgroup" style={{ height: `${rowCount * rowPx}px` }}>
        {Array.from({ length: Math.max(0, end - first) }, (_, place) => first + place).map((index) => (
          <div
            key={index}
            id={`${id}-${index}`}
            class="virtual-row"
            role="row"
            aria-rowindex={index + 2}
            aria-selected={index === chosen}
            style={{ top: `${index * rowPx}px`, height: `${rowPx}px` }}
            onClick={() => onChoose(index)}
          >
            {row(index)}
          </div>
        ))}
      </div>
    </div>
  );
}
