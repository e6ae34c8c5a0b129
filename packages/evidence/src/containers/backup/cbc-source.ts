import { createDecipheriv } from 'node:crypto';
import { MalformedError, NO_RANGES, readView, requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';

const BLOCK_BYTES = 16;

/**
 * The plain bytes of a file encrypted with AES-256-CBC and an initial vector of zeros. Any range can be
 * read: the vector of a block is the encrypted block before it. Padding is left in place, so the
 * length is cut to what the owner's manifest states.
 */
export class CbcSource implements RandomAccessSource {
  readonly sizeBytes: number;
  readonly originOffset = 0;
  readonly #source: RandomAccessSource;
  readonly #key: Uint8Array;

  /**
   * @param key 32 bytes
   * @param sizeBytes plain length; at most the encrypted one
   * @throws MalformedError `backup-file-size` when the encrypted file is shorter than that
   */
  constructor(source: RandomAccessSource, key: Uint8Array, sizeBytes: number) {
    const whole = source.sizeBytes - (source.sizeBytes % BLOCK_BYTES);
    if (sizeBytes > whole) throw new MalformedError('backup-file-size', `a file of the backup has ${whole} whole encrypted bytes where the backup states ${sizeBytes}`);
    this.#source = source;
    this.#key = key;
    this.sizeBytes = sizeBytes;
  }

  /** @throws MediumError `unreadable-bytes`: an encrypted byte that is missing spoils its neighbours too */
  readInto(target: Uint8Array, offset: number): readonly ByteRange[] {
    requireInside(this.sizeBytes, offset, target.byteLength);
    if (target.byteLength === 0) return NO_RANGES;
    const first = offset - (offset % BLOCK_BYTES);
    const end = Math.ceil((offset + target.byteLength) / BLOCK_BYTES) * BLOCK_BYTES;
    const vector = first === 0 ? Buffer.alloc(BLOCK_BYTES) : readView(this.#source, first - BLOCK_BYTES, BLOCK_BYTES).bytes;
    const decipher = createDecipheriv('aes-256-cbc', this.#key, vector).setAutoPadding(false);
    const plain = decipher.update(readView(this.#source, first, end - first).bytes);
    target.set(plain.subarray(offset - first, offset - first + target.byteLength));
    return NO_RANGES;
  }

  close(): void {
    this.#source.close();
  }
}
