import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { keyedCode } from '@kerbside/bytes';
import { BLOCK_SET_BLOCK_BYTES } from './block-set.ts';
import type { CodeCollector, LeftOut } from './code-collector.ts';
import { PURPOSE_OF } from './file-table.ts';
import { CODER_BLOCKS, createBlockCoder, type BlockCoder } from './hash-blocks.ts';
import { ContentRules } from './probative.ts';

/** What to do with long files. */
export interface SparseRule {
  /** Files above this are indexed one block in `step`. */
  readonly aboveBytes: number;
  readonly step: number;
}

/**
 * Reads files once and hands the codes of their probative blocks to a collector.
 * A short last block is never taken: on a disk what follows it is arbitrary.
 */
export class FileReader {
  readonly #codeKey: Uint8Array;
  readonly #coder: BlockCoder;
  readonly #rules = new ContentRules();
  readonly #words: Uint32Array;
  readonly #positions = new Float64Array(CODER_BLOCKS);

  /** @param codeKey 32 bytes */
  constructor(codeKey: Uint8Array) {
    this.#codeKey = codeKey;
    this.#coder = createBlockCoder(codeKey);
    this.#words = new Uint32Array(this.#coder.input.buffer, this.#coder.input.byteOffset, this.#coder.input.length / 4);
  }

  /**
   * Reads one file of known material into the collector.
   * @returns what became of it
   * @throws the system's error when it cannot be read; an Error when it changed while it was read.
   *   The collector has then forgotten the file
   */
  collect(path: Buffer, collector: CodeCollector, sparseRule: SparseRule): 'taken' | 'double' | 'empty' {
    return withFile(path, (fd, sizeBytes) => {
      if (sizeBytes === 0) return 'empty';
      const sha1 = createHash('sha1');
      const sparse = sizeBytes > sparseRule.aboveBytes && sparseRule.step > 1;
      const blocks = Math.floor(sizeBytes / BLOCK_SET_BLOCK_BYTES);
      const leftOut: LeftOut = {};
      collector.startFile();
      try {
        this.#readBlocks(fd, sizeBytes, sha1, sparse ? sparseRule.step : 1, leftOut, (codes, at, position) => collector.addCode(codes, at, position));
      } catch (error) {
        collector.dropFile(blocks);
        throw error;
      }
      const code = keyedCode(this.#codeKey, PURPOSE_OF.sha1, sha1.digest());
      return collector.endFile({ code, kind: 'sha1', sizeBytes, blocks, sparse: sizeBytes > sparseRule.aboveBytes, leftOut }) ? 'taken' : 'double';
    });
  }

  /** Reads one file of the allow-list: its blocks are to be left out. Throws as `collect`. */
  allow(path: Buffer, collector: CodeCollector): void {
    withFile(path, (fd, sizeBytes) => this.#readBlocks(fd, sizeBytes, null, 1, {}, (codes, at) => collector.allowCode(codes, at)));
  }

  #readBlocks(
    fd: number,
    sizeBytes: number,
    sha1: Hash | null,
    step: number,
    leftOut: LeftOut,
    onCode: (codes: Uint8Array, at: number, position: number) => void,
  ): void {
    const { input } = this.#coder;
    let groupTaken = -1;
    for (let at = 0; at < sizeBytes; at += input.length) {
      const length = Math.min(input.length, sizeBytes - at);
      readFully(fd, input.subarray(0, length), at);
      sha1?.update(input.subarray(0, length));
      const firstPosition = at / BLOCK_SET_BLOCK_BYTES;
      let taken = 0;
      for (let i = 0; (i + 1) * BLOCK_SET_BLOCK_BYTES <= length; i++) {
        const position = firstPosition + i;
        const group = Math.floor(position / step);
        if (step > 1 && group === groupTaken) {
          leftOut['sparse'] = (leftOut['sparse'] ?? 0) + 1;
          continue;
        }
        const fault = this.#rules.findFault(this.#words, (i * BLOCK_SET_BLOCK_BYTES) / 4);
        if (fault !== null) {
          leftOut[fault] = (leftOut[fault] ?? 0) + 1;
          continue;
        }
        groupTaken = group;
        if (taken < i) input.copyWithin(taken * BLOCK_SET_BLOCK_BYTES, i * BLOCK_SET_BLOCK_BYTES, (i + 1) * BLOCK_SET_BLOCK_BYTES);
        this.#positions[taken++] = position;
      }
      const codes = this.#coder.codesOf(taken);
      for (let i = 0; i < taken; i++) onCode(codes, i * 8, this.#positions[i]!);
    }
    if (readSync(fd, input, 0, 1, sizeBytes) !== 0) throw new Error('it grew while it was read');
  }
}

function withFile<Result>(path: Buffer, use: (fd: number, sizeBytes: number) => Result): Result {
  // A link put there since the folder was listed is not followed, and a pipe does not block.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error('it is not a file any more');
    return use(fd, stat.size);
  } finally {
    closeSync(fd);
  }
}

function readFully(fd: number, into: Uint8Array, position: number): void {
  for (let done = 0; done < into.length; ) {
    const got = readSync(fd, into, done, into.length - done, position + done);
    if (got === 0) throw new Error('it became shorter while it was read');
    done += got;
  }
}
