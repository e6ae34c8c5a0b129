import { DIGEST_AT, LENGTH_OF_KIND } from '../digest-kinds.ts';
import { PlaceCounter } from '../build/import-totals.ts';
import type { ChunkPool } from '../build/chunk-pool.ts';
import { SpillBuckets } from '../build/spill-buckets.ts';
import { LabelWriter } from './label-writer.ts';
import { NO_VALUE, QUALITY_UNSTATED } from './near-layout.ts';
import {
  bitsOf, decodePdqText, isPdqBalanced, isPdqPlaceholder, MIN_PDQ_QUALITY, PDQ_BYTES, PDQ_DIALECTS, reversePdqWords, type PdqDialect, type PdqFault,
} from './pdq-hash.ts';

/** What an officer says of the PDQ values of lists, because their bytes do not. */
export interface PdqOptions {
  /** Dialect of hashes that do not state one. */
  readonly dialect?: PdqDialect;
  /** The lists print the sixteen 16-bit words the other way round. */
  readonly reverseWords?: boolean;
  /** Leaves out a video's frames within this many bits of the last one kept; 0 leaves out equal ones alone. At most 10. */
  readonly pruneWithin?: number;
}

/** A hash and what is stated of it. */
export interface PdqStated {
  /** 0 to 100; -1 where none is stated. */
  readonly quality: number;
  /** Time of a video's frame; -1 for a picture, or where none is stated. */
  readonly milliseconds: number;
  readonly isFrame: boolean;
  /** Null where the list does not say. */
  readonly dialect: PdqDialect | null;
}

/** A hash of a picture of which no more is stated. */
export const PLAIN_PICTURE: PdqStated = { quality: -1, milliseconds: -1, isFrame: false, dialect: null };

/** Why a row that has nothing else was not taken. */
export type PdqRowFault = PdqFault | 'pdq-low-quality';

/** Most hashes of one row: a film of two days with a frame a second. */
export const MAX_PDQ_PER_ROW = 200_000;

/** A hash with its row as the build keeps it: 32 bytes of hash, then the row of `near-layout.ts` with room for any digest. */
export const NEAR_SPILL_BYTES = PDQ_BYTES + 20 + 32;

/** Digest kinds by how well they name a content. */
const STRONGEST_FIRST = [2, 1, 0, 3] as const;

/** Spills one bucket for each dialect and first byte of the hash. */
export const NEAR_BUCKETS_PER_DIALECT = 256;

/** Gathers the PDQ hashes of a build, row by row beside the digests. */
export class NearCollector {
  readonly spill: SpillBuckets;
  readonly labels: LabelWriter;
  readonly refused = new PlaceCounter<PdqFault>();
  readonly pruneWithin: number;
  /** The largest distance within which frames were left out, here or by who made the hashes. */
  prunedWithin: number;
  read = 0;
  kept = 0;
  notComparable = 0;
  refusedCount = 0;
  pruned = 0;
  lostWithRow = 0;
  withoutQuality = 0;
  unbalanced = 0;
  photoDna = 0;
  /** Longest digest of any row. */
  digestRoom = 0;
  /** Why the last hash of the current row was not taken. */
  rowFault: PdqRowFault | null = null;

  readonly #dialect: PdqDialect;
  readonly #reverseWords: boolean;
  readonly #value = Buffer.alloc(PDQ_BYTES);
  /** Hashes of the current row: 32 bytes, then quality, dialect, frame flag, unused, milliseconds. */
  #pending = Buffer.alloc(64 * 40);
  #pendingCount = 0;
  /** Place of the last frame kept, by dialect. */
  readonly #lastFrame = [-1, -1, -1];
  #mediaId = '';
  #series = '';
  #source = -1;
  #owner = 0;
  #file = '';

  constructor(path: string, pool: ChunkPool, options: PdqOptions) {
    this.spill = new SpillBuckets(`${path}-hashes`, PDQ_DIALECTS.length * NEAR_BUCKETS_PER_DIALECT, pool);
    this.labels = new LabelWriter(new SpillBuckets(`${path}-labels`, 1, pool));
    this.#dialect = options.dialect ?? 'unknown';
    this.#reverseWords = options.reverseWords ?? false;
    this.pruneWithin = options.pruneWithin ?? 0;
    this.prunedWithin = this.pruneWithin;
  }

  startFile(file: string): void {
    this.#source++;
    this.#file = file;
    this.#clear();
  }

  /** Hashes that the current row has so far. */
  get pending(): number {
    return this.#pendingCount;
  }

  addText(text: Uint8Array, start: number, end: number, place: number, stated: PdqStated): PdqRowFault | null {
    const fault = decodePdqText(text, start, end, this.#value);
    if (fault !== null) return this.#refuse(fault, place);
    if (this.#reverseWords) reversePdqWords(this.#value);
    return this.#addValue(place, stated);
  }

  addBytes(bytes: Uint8Array, place: number, stated: PdqStated): PdqRowFault | null {
    this.#value.set(bytes);
    return this.#addValue(place, stated);
  }

  /** Counts hashes that were left out by who made them. */
  noteLeftOut(prunedWithin: number, pruned: number, notComparable: number): void {
    this.prunedWithin = Math.max(this.prunedWithin, prunedWithin);
    this.read += pruned + notComparable;
    this.pruned += pruned;
    this.notComparable += notComparable;
  }

  setLabel(kind: 'media-id' | 'series', text: string): void {
    if (kind === 'media-id') this.#mediaId = text;
    else this.#series = text;
  }

  /**
   * Ends the current row: its hashes are kept.
   *
   * @param digests all kinds side by side, those of the bits `kinds` present
   */
  endRow(code: number, kinds: number, digests: Uint8Array): void {
    if (this.#pendingCount > 0) {
      const label = this.labels.add(this.#mediaId, this.#series);
      const kind = STRONGEST_FIRST.find((one) => (kinds & (1 << one)) !== 0) ?? -1;
      for (let i = 0; i < this.#pendingCount; i++) this.#keep(i * 40, code, kind, digests, label);
      this.#owner++;
      if (kind >= 0) this.digestRoom = Math.max(this.digestRoom, LENGTH_OF_KIND[kind]!);
    }
    this.#clear();
  }

  /** Drops the current row's hashes. */
  dropRow(): void {
    this.lostWithRow += this.#pendingCount;
    this.#clear();
  }

  close(): void {
    this.spill.close();
    this.labels.close();
  }

  #addValue(place: number, stated: PdqStated): PdqRowFault | null {
    const value = this.#value;
    if (isPdqPlaceholder(value)) return this.#refuse('pdq-placeholder', place);
    this.read++;
    if (stated.quality >= 0 && stated.quality < MIN_PDQ_QUALITY) {
      this.notComparable++;
      return (this.rowFault = 'pdq-low-quality');
    }
    const dialect = PDQ_DIALECTS.indexOf(stated.dialect ?? this.#dialect);
    const last = this.#lastFrame[dialect]!;
    if (stated.isFrame && last >= 0 && bytesDistance(value, this.#pending, last) <= this.pruneWithin) {
      this.pruned++;
      return null;
    }
    const at = this.#pendingCount * 40;
    if (at === this.#pending.length) this.#pending = Buffer.concat([this.#pending, Buffer.alloc(at)]);
    const pending = this.#pending;
    value.copy(pending, at);
    pending[at + 32] = stated.quality < 0 ? QUALITY_UNSTATED : Math.min(100, stated.quality);
    pending[at + 33] = dialect;
    pending[at + 34] = stated.isFrame ? 1 : 0;
    pending.writeUInt32LE(stated.milliseconds < 0 ? NO_VALUE : Math.min(NO_VALUE - 1, Math.round(stated.milliseconds)), at + 36);
    if (stated.isFrame) this.#lastFrame[dialect] = at;
    this.#pendingCount++;
    return null;
  }

  #refuse(fault: PdqFault, place: number): PdqFault {
    this.read++;
    this.refusedCount++;
    this.refused.add(fault, this.#file, place);
    this.rowFault = fault;
    return fault;
  }

  #keep(from: number, code: number, kind: number, digests: Uint8Array, label: number): void {
    const pending = this.#pending;
    const dialect = pending[from + 33]!;
    const at = this.spill.reserve(dialect * NEAR_BUCKETS_PER_DIALECT + pending[from]!, NEAR_SPILL_BYTES);
    const target = this.spill.target;
    pending.copy(target, at, from, from + PDQ_BYTES);
    const row = at + PDQ_BYTES;
    target.fill(0, row, at + NEAR_SPILL_BYTES);
    target.writeUInt16LE(code, row);
    target.writeUInt16LE(this.#source, row + 2);
    target[row + 4] = pending[from + 32]!;
    target[row + 5] = kind + 1;
    target[row + 6] = pending[from + 34]!;
    target.writeUInt32LE(this.#owner, row + 8);
    pending.copy(target, row + 12, from + 36, from + 40);
    target.writeUInt32LE(label, row + 16);
    if (kind >= 0) target.set(digests.subarray(DIGEST_AT[kind]!, DIGEST_AT[kind]! + LENGTH_OF_KIND[kind]!), row + 20);
    if (pending[from + 32] === QUALITY_UNSTATED) this.withoutQuality++;
    if (!isPdqBalanced(pending.subarray(from, from + PDQ_BYTES))) this.unbalanced++;
    this.kept++;
  }

  #clear(): void {
    this.#pendingCount = 0;
    this.#lastFrame.fill(-1);
    this.#mediaId = '';
    this.#series = '';
    this.rowFault = null;
  }
}

function bytesDistance(a: Uint8Array, b: Uint8Array, bAt: number): number {
  let distance = 0;
  for (let i = 0; i < PDQ_BYTES; i++) distance += bitsOf(a[i]! ^ b[bAt + i]!);
  return distance;
}
