import { createHash, hash, type Hash } from 'node:crypto';
import { writeFully } from '@kerbside/bytes';
import { BLOCK_BYTES, type Section, type SectionName } from '../compiled/layout.ts';

/** Bytes gathered before a write; a multiple of the block. */
const BUFFER_BYTES = 1024 * 1024;

/**
 * Writes the sections of a set file one after the other and takes their digests on the way.
 * Begins behind the prologue, which the caller writes last: until then the file is not a set.
 */
export class SetFileWriter {
  readonly sections: Section[] = [];
  /** File offset of the next byte. */
  position = BLOCK_BYTES;

  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #fill = 0;
  #name: SectionName | null = null;
  #start = 0;
  #whole: Hash | null = null;
  #firstBlock = 0;
  #blockDigests = Buffer.allocUnsafeSlow(64 * 1024);
  #blockCount = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Begins a section; `check` says whether it is checked whole at opening or block by block at reading. */
  begin(name: SectionName, check: 'whole' | 'blocks'): void {
    this.#name = name;
    this.#start = this.position;
    this.#whole = check === 'whole' ? createHash('sha256') : null;
    this.#firstBlock = this.#blockCount;
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const part = Math.min(bytes.length - done, BUFFER_BYTES - this.#fill);
      this.#buffer.set(part === bytes.length ? bytes : bytes.subarray(done, done + part), this.#fill);
      this.#fill += part;
      done += part;
      this.position += part;
      if (this.#fill === BUFFER_BYTES) this.#flush();
    }
  }

  /** Ends the section and pads the file to the next block. */
  end(): void {
    const lengthBytes = this.position - this.#start;
    this.#flush();
    this.sections.push({
      name: this.#name!,
      offset: this.#start,
      lengthBytes,
      ...(this.#whole === null ? { firstBlock: this.#firstBlock } : { sha256: this.#whole.digest('hex') }),
    });
    const pad = (BLOCK_BYTES - (this.position % BLOCK_BYTES)) % BLOCK_BYTES;
    writeFully(this.#fd, Buffer.alloc(pad), this.position);
    this.position += pad;
    this.#name = null;
  }

  /** Digests of all blocks of the sections checked block by block so far. */
  blockDigests(): Buffer {
    return this.#blockDigests.subarray(0, this.#blockCount * 32);
  }

  #flush(): void {
    const bytes = this.#buffer.subarray(0, this.#fill);
    if (this.#whole !== null) this.#whole.update(bytes);
    else for (let at = 0; at < bytes.length; at += BLOCK_BYTES) this.#addBlock(bytes.subarray(at, at + BLOCK_BYTES));
    writeFully(this.#fd, bytes, this.position - this.#fill);
    this.#fill = 0;
  }

  #addBlock(block: Buffer): void {
    const at = this.#blockCount * 32;
    if (at === this.#blockDigests.length) {
      this.#blockDigests = Buffer.concat([this.#blockDigests, Buffer.allocUnsafe(this.#blockDigests.length)]);
    }
    hash('sha256', block, 'buffer').copy(this.#blockDigests, at);
    this.#blockCount++;
  }
}
