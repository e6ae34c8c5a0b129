/**
 * NTFS mapping pairs ("run list"), as in libyal/libfsntfs, "NTFS file system format", data runs:
 *
 * | part | bytes | value |
 * | --- | --- | --- |
 * | head | 1 | low four bits: width of the length; high four bits: width of the offset (0: a hole) |
 * | length | 1–8 | clusters, little-endian, signed as the offset is (so a top bit is never set) |
 * | offset | 0–8 | signed clusters from the start of the run before |
 *
 * A head of 0 ends the list.
 */

/** Clusters that follow one another on the volume; `lcn` null stands for a hole. */
export interface Run {
  readonly lcn: number | null;
  readonly clusters: number;
}

/** Joins neighbouring runs that continue one another, as the drivers write them. */
export function mergeRuns(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (const run of runs) {
    if (run.clusters === 0) continue;
    const last = merged.at(-1);
    const continues = last !== undefined && (last.lcn === null ? run.lcn === null : run.lcn === last.lcn + last.clusters);
    if (last !== undefined && continues) merged[merged.length - 1] = { lcn: last.lcn, clusters: last.clusters + run.clusters };
    else merged.push(run);
  }
  return merged;
}

/** The run list as bytes, with its end mark. Offsets start from 0. */
export function encodeRuns(runs: readonly Run[]): Buffer {
  const bytes: number[] = [];
  let previousLcn = 0;
  for (const run of runs) {
    bytes.push(...encodeRun(run, run.lcn === null ? null : run.lcn - previousLcn));
    previousLcn = run.lcn ?? previousLcn;
  }
  bytes.push(0);
  return Buffer.from(bytes);
}

function encodeRun(run: Run, delta: number | null): number[] {
  const length = signedBytes(run.clusters);
  const offset = delta === null ? [] : signedBytes(delta);
  return [length.length | (offset.length << 4), ...length, ...offset];
}

/** The shortest two's complement form, little-endian. */
function signedBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = ((rest % 256) + 256) % 256;
    bytes.push(low);
    rest = (rest - low) / 256;
    const negative = (low & 0x80) !== 0;
    if ((rest === 0 && !negative) || (rest === -1 && negative)) return bytes;
  }
}

/** Sum of the clusters, holes included. */
export function countClusters(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.clusters, 0);
}

/** Sum of the clusters that lie on the volume. */
export function countRealClusters(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + (run.lcn === null ? 0 : run.clusters), 0);
}
