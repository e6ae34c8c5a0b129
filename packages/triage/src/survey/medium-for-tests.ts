import type { ByteRange } from '@kerbside/bytes';
import { SURVEY_BLOCK_BYTES } from './chunk-grid.ts';

/** Sectors are the smallest thing that a medium loses, and blocks begin on them. */
export const SECTOR_BYTES = 512;

const SECTORS_PER_BLOCK = SURVEY_BLOCK_BYTES / SECTOR_BYTES;

/**
 * A small medium without content that knows which of its sectors cannot be read and which blocks were looked up:
 * a block is looked up when one read holds all of it and no sector of it is unreadable. Nothing here knows of plans.
 */
export class TestMedium {
  readonly sizeBytes: number;
  readonly #badBefore: Uint32Array;
  /** By sector: a block that begins here was looked up. */
  readonly #lookedUp: Uint8Array;

  constructor(sizeBytes: number, badSectors: readonly number[] = []) {
    this.sizeBytes = sizeBytes;
    const sectors = Math.ceil(sizeBytes / SECTOR_BYTES);
    const bad = new Set(badSectors);
    this.#badBefore = new Uint32Array(sectors + 1);
    for (let i = 0; i < sectors; i += 1) this.#badBefore[i + 1] = this.#badBefore[i]! + (bad.has(i) ? 1 : 0);
    this.#lookedUp = new Uint8Array(sectors);
  }

  isReadable(offset: number, length: number): boolean {
    return this.#badBefore[Math.ceil((offset + length) / SECTOR_BYTES)] === this.#badBefore[Math.floor(offset / SECTOR_BYTES)];
  }

  /** Looks up every readable block of the read. @returns what of it could not be read */
  read({ offset, length }: ByteRange): ByteRange[] {
    for (let at = offset; at + SURVEY_BLOCK_BYTES <= offset + length; at += SECTOR_BYTES) {
      if (this.isReadable(at, SURVEY_BLOCK_BYTES)) this.#lookedUp[at / SECTOR_BYTES] = 1;
    }
    const unreadable: ByteRange[] = [];
    for (let at = offset; at < offset + length; at += SECTOR_BYTES) {
      const end = Math.min(at + SECTOR_BYTES, offset + length);
      if (!this.isReadable(at, end - at)) unreadable.push({ offset: at, length: end - at });
    }
    return unreadable;
  }

  wasLookedUp(blockOffset: number): boolean {
    return this.#lookedUp[blockOffset / SECTOR_BYTES] === 1;
  }

  /**
   * First readable run of `length` bytes, with blocks on any grid of `alignmentBytes`, of which one in `step` is indexed
   * from any one on, that holds no indexed block that was looked up. Tries every place and every grid.
   */
  findMissedRun(length: number, step: number, alignmentBytes: number): { offset: number; phase: number } | null {
    const stride = step * SECTORS_PER_BLOCK;
    const sectors = this.#lookedUp.length;
    for (let phase = 0; phase < stride; phase += alignmentBytes / SECTOR_BYTES) {
      let met = Infinity;
      // From the end, so that `met` is always the first indexed block looked up at or behind the place.
      for (let sector = sectors - 1; sector >= 0; sector -= 1) {
        if (sector % stride === phase && this.#lookedUp[sector] === 1) met = sector;
        const offset = sector * SECTOR_BYTES;
        if (offset + length > this.sizeBytes || !this.isReadable(offset, length)) continue;
        if ((met + SECTORS_PER_BLOCK) * SECTOR_BYTES > offset + length) return { offset, phase };
      }
    }
    return null;
  }
}
