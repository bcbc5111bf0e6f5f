import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const everyMs = 100;

/** The time, moving while the caller is shown. */
export function useNow(): number {
  const nowMs = useSignal(0);
  useEffect(() => {
    nowMs.value = performance.now();
    const timer = setInterval(() => (nowMs.value = performance.now()), everyMs);
    return () => clearInterval(timer);
  }, []);
  return nowMs.value;
}
