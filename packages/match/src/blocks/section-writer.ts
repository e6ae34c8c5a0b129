import { createHash, hash, type Hash } from 'node:crypto';
import { writeFully } from '@kerbside/bytes';
import { PIECE_BYTES, type BlockSetSection, type BlockSetSectionName } from './layout.ts';

/**
 * Writes one section of a block set at its place in the file and takes its digest on the way.
 * Several are written side by side.
 */
export class SectionWriter {
  readonly #buffer: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #fill = 0;

  readonly #fd: number;
  readonly #name: BlockSetSectionName;
  readonly #offset: number;
  readonly #whole: Hash = createHash('sha256');
  #written = 0;

  constructor(fd: number, name: BlockSetSectionName, offset: number) {
    this.#fd = fd;
    this.#name = name;
    this.#offset = offset;
  }

  writeU8(value: number): void {
    if (this.#fill === PIECE_BYTES) this.#flush();
    this.#buffer[this.#fill++] = value;
  }

  writeU32(value: number): void {
    // Sections of words never hold anything else, so a word never straddles two pieces.
    if (this.#fill === PIECE_BYTES) this.#flush();
    const at = this.#fill;
    this.#buffer[at] = value & 0xff;
    this.#buffer[at + 1] = (value >>> 8) & 0xff;
    this.#buffer[at + 2] = (value >>> 16) & 0xff;
    this.#buffer[at + 3] = value >>> 24;
    this.#fill = at + 4;
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      if (this.#fill === PIECE_BYTES) this.#flush();
      const part = Math.min(bytes.length - done, PIECE_BYTES - this.#fill);
      this.#buffer.set(bytes.subarray(done, done + part), this.#fill);
      this.#fill += part;
      done += part;
    }
  }

  finish(): BlockSetSection {
    this.#flush();
    return { name: this.#name, offset: this.#offset, lengthBytes: this.#written, sha256: this.#whole.digest('hex') };
  }

  #flush(): void {
    if (this.#fill === 0) return;
    const piece = this.#buffer.subarray(0, this.#fill);
    this.#whole.update(hash('sha256', piece, 'buffer'));
    writeFully(this.#fd, piece, this.#offset + this.#written);
    this.#written += piece.length;
    this.#fill = 0;
  }
}

/** Digest of a section as the header has it: SHA-256 over the SHA-256 digests of its pieces, hex. */
export function sectionDigest(bytes: Uint8Array): string {
  const whole = createHash('sha256');
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    whole.update(hash('sha256', bytes.subarray(at, at + PIECE_BYTES), 'buffer'));
  }
  return whole.digest('hex');
}
