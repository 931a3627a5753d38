import { useEffect, useState } from "react";

/** The time, kept current to the given step. */
export function useNow(step_ms: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), step_ms);
    return () => clearInterval(timer);
  }, [step_ms]);
  return now;
}
