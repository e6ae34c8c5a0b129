import { performance } from 'node:perf_hooks';

const BASE_MS = 10_000;
const MS_PER_BYTE = 2_000 / 1e6;
/** A busy machine is not the content's fault: the clock may run so much longer than the CPU time allowed. */
const WALL_FACTOR = 3;

/** CPU milliseconds that content of this size may use: 10 s and 2 s for each MB. */
export function defaultTimeoutMs(sizeBytes: number): number {
  return BASE_MS + sizeBytes * MS_PER_BYTE;
}

/** The time of one request. The clock stands still while this side reads a range or takes a piece. */
export class RequestBudget {
  readonly cpuLimitMs: number;
  readonly wallLimitMs: number;
  #runningSince: number | null = performance.now();
  #usedMs = 0;

  constructor(timeoutMs: number) {
    this.cpuLimitMs = timeoutMs;
    this.wallLimitMs = timeoutMs * WALL_FACTOR;
  }

  /** What is overrun, in words; null while within bounds. */
  overrun(cpuMs: number): string | null {
    if (cpuMs > this.cpuLimitMs) return `more than ${seconds(this.cpuLimitMs)} s of CPU time`;
    if (this.#wallMs() > this.wallLimitMs) return `more than ${seconds(this.wallLimitMs)} s on the clock`;
    return null;
  }

  pause(): void {
    this.#usedMs = this.#wallMs();
    this.#runningSince = null;
  }

  resume(): void {
    this.#runningSince = performance.now();
  }

  #wallMs(): number {
    return this.#usedMs + (this.#runningSince === null ? 0 : performance.now() - this.#runningSince);
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
