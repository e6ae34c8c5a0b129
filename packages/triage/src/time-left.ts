/** Estimates the time left as an honest range: the rate since the start against the rate of late. */
export interface TimeLeft {
  /** @returns low and high in milliseconds, or null while there is too little to go by */
  estimate(nowMs: number, doneBytes: number, plannedBytes: number): { readonly low: number; readonly high: number } | null;
}

/** Too little to go by before this. */
const SETTLING_MS = 1000;

/** The rate of late is taken over about this long. */
const RECENT_MS = 10_000;

/** The slow end is widened: small files at the end of a plan are slower than the large ones before. */
const SLOW_MARGIN = 1.25;

export function measureTimeLeft(startMs: number, startBytes: number): TimeLeft {
  const samples: { readonly ms: number; readonly bytes: number }[] = [{ ms: startMs, bytes: startBytes }];
  return {
    estimate(nowMs, doneBytes, plannedBytes) {
      samples.push({ ms: nowMs, bytes: doneBytes });
      while (samples.length > 2 && nowMs - samples[1]!.ms > RECENT_MS) samples.shift();
      if (nowMs - startMs < SETTLING_MS || doneBytes <= startBytes) return null;
      const overall = (doneBytes - startBytes) / (nowMs - startMs);
      const oldest = samples[0]!;
      const recent = nowMs > oldest.ms ? (doneBytes - oldest.bytes) / (nowMs - oldest.ms) : overall;
      const left = Math.max(0, plannedBytes - doneBytes);
      const fast = Math.max(overall, recent);
      const slow = Math.max(Math.min(overall, recent), fast / 10);
      return { low: Math.round(left / fast), high: Math.round((left / slow) * SLOW_MARGIN) };
    },
  };
}
