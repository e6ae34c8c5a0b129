import type { DigestAlgorithm, SetMeaning } from '../known-set.ts';
import type { RejectReason, RowNote, RowSink } from '../formats/row-sink.ts';
import { ALL_DIGESTS_BYTES, DIGEST_AT, DIGEST_KINDS, KIND_INDEX, LENGTH_OF_KIND } from '../digest-kinds.ts';
import { decodeHex } from '../hex.ts';
import { PlaceCounter } from './import-totals.ts';
import { refusedDigest } from './refused-digests.ts';
import { HAS_SIZE, SPILL_FIXED_BYTES, SPILL_SIZE_BYTES } from './spill-row.ts';
import type { SpillBuckets } from './spill-buckets.ts';

/** Distinct category codes a set may hold; real sets have about ten, a mis-mapped column has millions. */
const MAX_CATEGORY_CODES = 4096;

/** Longest category code kept. */
const MAX_CODE_LENGTH = 64;

/**
 * The sink that readers fill during a build: checks each row and spills it, in the compact form of
 * `spill-row.ts`, into the bucket of its first digest kind and that digest's first byte.
 */
export class RowCollector implements RowSink {
  readonly rejected = new PlaceCounter<RejectReason>();
  readonly notes = new PlaceCounter<RowNote>();
  /** Raw codes met; index 0 is "no code". */
  readonly codes: (string | null)[] = [null];
  rowsTaken = 0;
  rowsRejected = 0;
  anySize = false;
  /** Union of the presence flags of all rows. */
  kindsPresent = 0;

  readonly #spill: SpillBuckets;
  readonly #refuseEmptyContent: boolean;
  readonly #digests = new Uint8Array(ALL_DIGESTS_BYTES);
  readonly #codeIndex = new Map<string, number>();
  #file = '';
  #flags = 0;
  #code = 0;
  #sizeBytes = -1;
  #pendingNotes: RowNote[] = [];

  constructor(spill: SpillBuckets, meaning: SetMeaning) {
    this.#spill = spill;
    this.#refuseEmptyContent = meaning !== 'ignorable';
  }

  /** Names the file whose rows follow. */
  startFile(file: string): void {
    this.#file = file;
    this.#clear();
  }

  setDigest(algorithm: DigestAlgorithm, bytes: Uint8Array, at: number): void {
    const kind = KIND_INDEX[algorithm];
    const to = DIGEST_AT[kind]!;
    const length = LENGTH_OF_KIND[kind]!;
    for (let i = 0; i < length; i++) this.#digests[to + i] = bytes[at + i]!;
    this.#flags |= 1 << kind;
  }

  setDigestHex(algorithm: DigestAlgorithm, text: Uint8Array, at: number): boolean {
    const kind = KIND_INDEX[algorithm];
    if (!decodeHex(text, at, LENGTH_OF_KIND[kind]!, this.#digests, DIGEST_AT[kind]!)) {
      this.#flags &= ~(1 << kind);
      return false;
    }
    this.#flags |= 1 << kind;
    return true;
  }

  setSize(sizeBytes: number): void {
    if (Number.isSafeInteger(sizeBytes) && sizeBytes >= 0) this.#sizeBytes = sizeBytes;
    else this.#pendingNotes.push('size-not-a-number');
  }

  setCategory(code: string): void {
    const known = this.#codeIndex.get(code);
    if (known !== undefined) {
      this.#code = known;
    } else if (code.length > MAX_CODE_LENGTH || this.codes.length >= MAX_CATEGORY_CODES) {
      this.#pendingNotes.push('category-dropped');
    } else {
      this.#code = this.codes.length;
      this.codes.push(code);
      this.#codeIndex.set(code, this.#code);
    }
  }

  note(place: number, note: RowNote): void {
    this.notes.add(note, this.#file, place);
  }

  endRow(place: number): void {
    let flags = this.#flags;
    if (flags === 0) return this.rejectRow(place, 'no-digest');
    if (this.#refuseEmptyContent) {
      const refused = this.#checkDigests(place, flags);
      if (typeof refused === 'string') return this.rejectRow(place, refused);
      flags = refused;
    }
    this.#spillRow(flags);
    this.rowsTaken++;
    if (this.#pendingNotes.length > 0) for (const note of this.#pendingNotes) this.note(place, note);
    this.#clear();
  }

  rejectRow(place: number, reason: RejectReason): void {
    this.rejected.add(reason, this.#file, place);
    this.rowsRejected++;
    this.#clear();
  }

  /** The flags without placeholder digests, or why the row as a whole is refused. */
  #checkDigests(place: number, flags: number): number | RejectReason {
    for (let kind = 0; kind < DIGEST_KINDS.length; kind++) {
      if ((flags & (1 << kind)) === 0) continue;
      const refused = refusedDigest(kind, this.#digests, DIGEST_AT[kind]!);
      if (refused === null) continue;
      if (refused === 'of-nothing') return 'digest-of-nothing';
      flags &= ~(1 << kind);
      if (flags === 0) return 'digest-placeholder';
      this.note(place, 'digest-dropped-placeholder');
    }
    return flags;
  }

  #spillRow(flags: number): void {
    const primary = 31 - Math.clz32(flags & -flags);
    const sized = this.#sizeBytes >= 0;
    let length = SPILL_FIXED_BYTES + (sized ? SPILL_SIZE_BYTES : 0);
    for (let kind = primary; kind < DIGEST_KINDS.length; kind++) {
      if ((flags & (1 << kind)) !== 0) length += LENGTH_OF_KIND[kind]!;
    }
    let at = this.#spill.reserve(primary * 256 + this.#digests[DIGEST_AT[primary]!]!, length);
    const target = this.#spill.target;
    target[at++] = sized ? flags | HAS_SIZE : flags;
    target[at++] = this.#code & 0xff;
    target[at++] = this.#code >>> 8;
    if (sized) {
      const low = this.#sizeBytes >>> 0;
      const high = (this.#sizeBytes - low) / 0x1_0000_0000;
      for (let i = 0; i < 4; i++) target[at++] = (low >>> (8 * i)) & 0xff;
      for (let i = 0; i < 3; i++) target[at++] = (high >>> (8 * i)) & 0xff;
      this.anySize = true;
    }
    for (let kind = primary; kind < DIGEST_KINDS.length; kind++) {
      if ((flags & (1 << kind)) === 0) continue;
      const from = DIGEST_AT[kind]!;
      const end = from + LENGTH_OF_KIND[kind]!;
      for (let i = from; i < end; i++) target[at++] = this.#digests[i]!;
    }
    this.kindsPresent |= flags;
  }

  #clear(): void {
    this.#flags = 0;
    this.#code = 0;
    this.#sizeBytes = -1;
    if (this.#pendingNotes.length > 0) this.#pendingNotes = [];
  }
}
