import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { writeFully } from '@kerbside/bytes';
import { compareRecords, sizeOfRecord } from './item-record.ts';

/** Bytes of records that are sorted in memory; more are spilled to the disk in sorted runs. */
const RUN_BYTES = 32 * 1024 * 1024;

/** Bytes of records that are handed on, written, or read of one run, at a time. */
const PIECE_BYTES = 256 * 1024;

/** Sorts records of one length in bounded memory, whatever their number. */
export interface RecordSorter {
  /** @param records whole records, side by side */
  add(records: Uint8Array): void;
  /** All records in order, in pieces that are valid until the next one is asked for. Once. */
  sorted(): Generator<Uint8Array, void, undefined>;
  close(): void;
}

interface Run {
  readonly start: number;
  readonly lengthBytes: number;
}

/**
 * @param spillPath where runs go once there is more than memory takes. The file has no name while it is
 *   written, where the system allows that, so that nothing is left of it after a kill
 * @param runBytes for tests
 */
export function createRecordSorter(recordBytes: number, spillPath: string, runBytes = RUN_BYTES): RecordSorter {
  const capacity = Math.max(1, Math.floor(runBytes / recordBytes)) * recordBytes;
  let gathered = new Uint8Array(Math.min(capacity, Math.ceil(PIECE_BYTES / recordBytes) * recordBytes));
  let fill = 0;
  let spill: number | null = null;
  const runs: Run[] = [];

  const spillRun = (): void => {
    spill ??= openNameless(spillPath);
    let at = (runs.at(-1)?.start ?? 0) + (runs.at(-1)?.lengthBytes ?? 0);
    runs.push({ start: at, lengthBytes: fill });
    for (const piece of inOrder(gathered.subarray(0, fill), recordBytes)) {
      writeFully(spill, piece, at);
      at += piece.length;
    }
    fill = 0;
  };

  return {
    add(records) {
      for (let done = 0; done < records.length; ) {
        if (fill === capacity) spillRun();
        if (fill === gathered.length) {
          const larger = new Uint8Array(Math.min(capacity, gathered.length * 2));
          larger.set(gathered);
          gathered = larger;
        }
        const part = Math.min(records.length - done, gathered.length - fill);
        gathered.set(records.subarray(done, done + part), fill);
        fill += part;
        done += part;
      }
    },
    *sorted() {
      if (spill === null) {
        yield* inOrder(gathered.subarray(0, fill), recordBytes);
        return;
      }
      if (fill > 0) spillRun();
      gathered = new Uint8Array(0);
      yield* merged(runs.map((run) => openRun(spill!, run, recordBytes)), recordBytes);
    },
    close() {
      if (spill !== null) closeSync(spill);
      spill = null;
    },
  };
}

function openNameless(path: string): number {
  rmSync(path, { force: true });
  const descriptor = openSync(path, 'wx+', 0o600);
  try {
    rmSync(path);
  } catch {
    // A system that keeps the names of open files: the next writer removes it.
  }
  return descriptor;
}

/** The records in order, in pieces. */
function* inOrder(records: Uint8Array, recordBytes: number): Generator<Uint8Array, void, undefined> {
  const count = records.length / recordBytes;
  const sizes = Float64Array.from({ length: count }, (_, number) => sizeOfRecord(records, number * recordBytes));
  const order = Uint32Array.from({ length: count }, (_, number) => number);
  order.sort((a, b) => sizes[a]! - sizes[b]! || compareRecords(records, a * recordBytes, records, b * recordBytes, recordBytes));
  const perPiece = Math.max(1, Math.floor(PIECE_BYTES / recordBytes));
  const piece = new Uint8Array(perPiece * recordBytes);
  for (let first = 0; first < count; first += perPiece) {
    const last = Math.min(count, first + perPiece);
    for (let place = first; place < last; place++) {
      const at = order[place]! * recordBytes;
      piece.set(records.subarray(at, at + recordBytes), (place - first) * recordBytes);
    }
    yield piece.subarray(0, (last - first) * recordBytes);
  }
}

/** A sorted run on the disk and the record it stands at. */
interface OpenRun {
  readonly bytes: Uint8Array;
  at: number;
  /** Goes to the next record; false at the end. */
  next(): boolean;
}

function openRun(descriptor: number, run: Run, recordBytes: number): OpenRun {
  const buffer = new Uint8Array(Math.max(1, Math.floor(PIECE_BYTES / recordBytes)) * recordBytes);
  let read = 0;
  let filled = 0;
  return {
    bytes: buffer,
    at: -recordBytes,
    next() {
      this.at += recordBytes;
      if (this.at < filled) return true;
      const wanted = Math.min(buffer.length, run.lengthBytes - read);
      if (wanted === 0) return false;
      filled = 0;
      while (filled < wanted) {
        const got = readSync(descriptor, buffer, filled, wanted - filled, run.start + read + filled);
        if (got === 0) throw new Error('a spilled run ends early');
        filled += got;
      }
      read += wanted;
      this.at = 0;
      return true;
    },
  };
}

/** Merges runs by a heap whose top is the run with the smallest record. */
function* merged(runs: readonly OpenRun[], recordBytes: number): Generator<Uint8Array, void, undefined> {
  const heap = runs.filter((run) => run.next());
  const isBefore = (a: OpenRun, b: OpenRun): boolean => compareRecords(a.bytes, a.at, b.bytes, b.at, recordBytes) < 0;
  const sink = (from: number): void => {
    for (let place = from; ; ) {
      const left = place * 2 + 1;
      if (left >= heap.length) return;
      const smaller = left + 1 < heap.length && isBefore(heap[left + 1]!, heap[left]!) ? left + 1 : left;
      if (!isBefore(heap[smaller]!, heap[place]!)) return;
      [heap[place], heap[smaller]] = [heap[smaller]!, heap[place]!];
      place = smaller;
    }
  };
  for (let place = heap.length >> 1; place >= 0; place--) sink(place);
  const piece = new Uint8Array(Math.max(1, Math.floor(PIECE_BYTES / recordBytes)) * recordBytes);
  let fill = 0;
  while (heap.length > 0) {
    const top = heap[0]!;
    piece.set(top.bytes.subarray(top.at, top.at + recordBytes), fill);
    fill += recordBytes;
    if (!top.next()) {
      const last = heap.pop()!;
      if (heap.length > 0) heap[0] = last;
    }
    sink(0);
    if (fill === piece.length) {
      yield piece;
      fill = 0;
    }
  }
  yield piece.subarray(0, fill);
}
