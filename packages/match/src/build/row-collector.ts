import type { DigestAlgorithm, SetMeaning } from '../known-set.ts';
import type { RejectReason, RowNote, RowSink } from '../formats/row-sink.ts';
import { ALL_DIGESTS_BYTES, DIGEST_AT, DIGEST_KINDS, KIND_INDEX, LENGTH_OF_KIND } from '../digest-kinds.ts';
import { copyBytes } from '../copy-bytes.ts';
import type { NearCollector, PdqRowFault, PdqStated } from '../near/near-collector.ts';
import { decodeHex } from '../hex.ts';
import { PlaceCounter } from './import-totals.ts';
import { refusedDigest } from './refused-digests.ts';
import { HAS_SIZE, SPILL_FIXED_BYTES, SPILL_SHAPES, SPILL_SIZE_BYTES } from './spill-row.ts';
import type { SpillBuckets } from './spill-buckets.ts';

/** Distinct category codes a set may hold; real sets have about ten, a mis-mapped column has millions. */
const MAX_CATEGORY_CODES = 4096;

/** Reasons that concern the digests of a row alone. */
const DIGEST_FAULTS: ReadonlySet<RejectReason> = new Set(['digest-not-hex', 'digest-wrong-length', 'digest-placeholder', 'digest-kind-unknown']);

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
  /** Rows without a digest that have hashes for near-matches. */
  rowsNearOnly = 0;
  anySize = false;
  /** Union of the presence flags of all rows. */
  kindsPresent = 0;

  readonly #spill: SpillBuckets;
  readonly #refuseEmptyContent: boolean;
  readonly #near: NearCollector | null;
  readonly #digests = new Uint8Array(ALL_DIGESTS_BYTES);
  readonly #codeIndex = new Map<string, number>();
  #file = '';
  #flags = 0;
  #code = 0;
  #sizeBytes = -1;
  #pendingNotes: RowNote[] = [];

  /** @param near where hashes for near-matches go; without it they are passed over */
  constructor(spill: SpillBuckets, meaning: SetMeaning, near: NearCollector | null = null) {
    this.#spill = spill;
    this.#refuseEmptyContent = meaning !== 'ignorable';
    this.#near = near;
  }

  /** Names the file whose rows follow. */
  startFile(file: string): void {
    this.#file = file;
    this.#near?.startFile(file);
    this.#clear();
  }

  setDigest(algorithm: DigestAlgorithm, bytes: Uint8Array, at: number): void {
    const kind = KIND_INDEX[algorithm];
    copyBytes(bytes, at, LENGTH_OF_KIND[kind]!, this.#digests, DIGEST_AT[kind]!);
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

  addPdq(text: Uint8Array, start: number, end: number, place: number, stated: PdqStated): PdqRowFault | null {
    return this.#near?.addText(text, start, end, place, stated) ?? null;
  }

  /** As `addPdq`, for a hash that was made here. */
  addPdqBytes(bytes: Uint8Array, place: number, stated: PdqStated): void {
    this.#near?.addBytes(bytes, place, stated);
  }

  /** Hashes of frames that were left out before they came here. */
  noteFrames(prunedWithin: number, pruned: number, notComparable: number): void {
    this.#near?.noteLeftOut(prunedWithin, pruned, notComparable);
  }

  setLabel(kind: 'media-id' | 'series', text: string): void {
    this.#near?.setLabel(kind, text);
  }

  countPhotoDna(): void {
    if (this.#near !== null) this.#near.photoDna++;
  }

  note(place: number, note: RowNote): void {
    this.notes.add(note, this.#file, place);
  }

  endRow(place: number): void {
    let flags = this.#flags;
    if (flags === 0) {
      if ((this.#near?.pending ?? 0) === 0) return this.rejectRow(place, this.#near?.rowFault ?? 'no-digest');
      this.#near!.endRow(this.#code, 0, this.#digests);
      this.rowsNearOnly++;
      return this.#clear();
    }
    if (this.#refuseEmptyContent) {
      const refused = this.#checkDigests(place, flags);
      if (typeof refused === 'string') return this.rejectRow(place, refused);
      flags = refused;
    }
    this.#spillRow(flags);
    this.#near?.endRow(this.#code, flags, this.#digests);
    this.rowsTaken++;
    if (this.#pendingNotes.length > 0) for (const note of this.#pendingNotes) this.note(place, note);
    this.#clear();
  }

  rejectRow(place: number, reason: RejectReason): void {
    this.rejected.add(reason, this.#file, place);
    this.rowsRejected++;
    // A broken digest says nothing about the row's hashes; a row that is broken itself does.
    if (DIGEST_FAULTS.has(reason)) this.#near?.endRow(this.#code, 0, this.#digests);
    else this.#near?.dropRow();
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
    const digests = this.#digests;
    const sizeBytes = this.#sizeBytes;
    const primary = 31 - Math.clz32(flags & -flags);
    const marked = sizeBytes >= 0 ? flags | HAS_SIZE : flags;
    let at = this.#spill.reserve(primary * 256 + digests[DIGEST_AT[primary]!]!, SPILL_SHAPES[marked]!.lengthBytes);
    const target = this.#spill.target;
    target[at] = marked;
    target[at + 1] = this.#code & 0xff;
    target[at + 2] = this.#code >>> 8;
    at += SPILL_FIXED_BYTES;
    if (sizeBytes >= 0) {
      target.writeUInt32LE(sizeBytes >>> 0, at);
      target.writeUIntLE((sizeBytes - (sizeBytes >>> 0)) / 0x1_0000_0000, at + 4, 3);
      at += SPILL_SIZE_BYTES;
      this.anySize = true;
    }
    for (let kind = primary; kind < DIGEST_KINDS.length; kind++) {
      if ((flags & (1 << kind)) === 0) continue;
      at = copyBytes(digests, DIGEST_AT[kind]!, LENGTH_OF_KIND[kind]!, target, at);
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
