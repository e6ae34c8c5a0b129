import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { createLaneHasher, type ByteRange } from '@kerbside/bytes';
import { BlockFileReader, buildFromCodes, openBlockSet, type BlockSet } from '@kerbside/match';
import { loadSurveyParts, type BlockHit } from '@kerbside/triage';
import { BENCH_SET_DATE, BENCH_SIGNER } from './block-set-recipe.ts';
import type { LaidFiles } from './laid-files.ts';
import type { MachineFile } from './machine-files.ts';

const { RUN_BLOCKS, SHARE_OF_FILE } = await loadSurveyParts();

const BLOCK_BYTES = 4096;
const SPARSE = { aboveBytes: 32 * 1024 * 1024, step: 8 };

/** A half of the files, by the digest of their names: the same each time, and like the other half in all respects. */
export function isInKnownHalf({ path }: MachineFile): boolean {
  return (hash('sha256', path, 'buffer')[0]! & 1) === 0;
}

/** What a hit on files that are not known amounts to. */
export type HitTruth = 'copy' | 'part' | 'false';

/** A set of files, and a second memory of their blocks that was not made by the set's rules or look-up. */
export interface JudgedSet {
  readonly set: BlockSet;
  readonly filesTaken: number;
  readonly takenBytes: number;
  /**
   * `copy`: the file under the hit is byte for byte a known file. `part`: one known file holds the blocks of the hit at
   * consistent places, as many as the rule wants. `false`: none does.
   */
  judge(hit: BlockHit, source: LaidFiles): HitTruth;
}

/** Makes a set at `out` of the files. */
export async function buildJudgedSet(out: string, files: readonly MachineFile[]): Promise<JudgedSet> {
  const places = new Map<bigint, number[]>();
  const digests = new Set<string>();
  let filesTaken = 0;
  let takenBytes = 0;
  await buildFromCodes({ out, name: 'half', signer: BENCH_SIGNER, createdAt: BENCH_SET_DATE, expiresAt: new Date('2100-01-01T00:00:00Z') }, (collector) => {
    const reader = new BlockFileReader(BENCH_SIGNER.codeKey);
    const add = collector.addCode.bind(collector);
    let number = 0;
    collector.addCode = (codes, at, position) => {
      const code = Buffer.from(codes.buffer, codes.byteOffset + at, 8).readBigUInt64LE();
      const known = places.get(code);
      // What stands in dozens of files tells none of them, and no rule indexes it.
      if (known === undefined) places.set(code, [number, position]);
      else if (known.length < 64) known.push(number, position);
      add(codes, at, position);
    };
    for (const [index, { path, sizeBytes }] of files.entries()) {
      number = index;
      try {
        const became = reader.collect(Buffer.from(path), collector, SPARSE);
        if (became !== 'empty') digests.add(sha1Of(path));
        if (became === 'taken') {
          filesTaken += 1;
          takenBytes += sizeBytes;
        }
      } catch {
        // Not readable, or changed meanwhile: not in the set.
      }
    }
  });
  const set = openBlockSet(out, [BENCH_SIGNER], BENCH_SET_DATE);
  const hasher = createLaneHasher(1024 * BLOCK_BYTES);
  const isCopy = new Map<string, boolean>();

  /** Codes of the whole blocks of a range, by place. */
  const codesOf = (source: LaidFiles, { offset, length }: ByteRange): { readonly offset: number; readonly code: bigint }[] => {
    const found: { offset: number; code: bigint }[] = [];
    for (let at = offset; at < offset + length; at += hasher.input.length) {
      const count = Math.min(1024, (offset + length - at) / BLOCK_BYTES);
      source.readInto(hasher.input.subarray(0, count * BLOCK_BYTES), at);
      hasher.md5Blocks(0, BLOCK_BYTES, BLOCK_BYTES, count);
      const codes = Buffer.from(hasher.codesOfBlocks(BENCH_SIGNER.codeKey, count));
      for (let i = 0; i < count; i++) found.push({ offset: at + i * BLOCK_BYTES, code: codes.readBigUInt64LE(i * 8) });
    }
    return found;
  };

  /** For each known file with blocks of the range, how many at one distance between its places and those of the range. */
  const supportOf = (source: LaidFiles, range: ByteRange): Map<string, { readonly file: number; blocks: number }> => {
    const support = new Map<string, { readonly file: number; blocks: number }>();
    for (const { offset, code } of codesOf(source, range)) {
      const known = places.get(code) ?? [];
      for (let i = 0; i < known.length; i += 2) {
        const key = `${known[i]!} ${known[i + 1]! - (offset - range.offset) / BLOCK_BYTES}`;
        const entry = support.get(key) ?? { file: known[i]!, blocks: 0 };
        entry.blocks += 1;
        support.set(key, entry);
      }
    }
    return support;
  };

  return {
    set,
    filesTaken,
    takenBytes,
    judge(hit, source) {
      const { file } = source.fileAt(hit.ranges[0]!.offset);
      let copy = isCopy.get(file.path);
      if (copy === undefined) isCopy.set(file.path, (copy = digests.has(sha1Of(file.path))));
      if (copy) return 'copy';
      const byFile = new Map<number, number>();
      let longest = 0;
      for (const range of hit.ranges) {
        for (const { file: number, blocks } of supportOf(source, range).values()) {
          longest = Math.max(longest, blocks);
          byFile.set(number, (byFile.get(number) ?? 0) + blocks);
        }
      }
      if (hit.rule === 'run') return longest >= RUN_BLOCKS ? 'part' : 'false';
      return [...byFile].some(([number, blocks]) => files[number]!.sizeBytes === hit.file?.sizeBytes && blocks >= hit.file.indexedBlocks * SHARE_OF_FILE) ? 'part' : 'false';
    },
  };
}

function sha1Of(path: string): string {
  const digest = createHash('sha1');
  const descriptor = openSync(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let got = readSync(descriptor, buffer); got > 0; got = readSync(descriptor, buffer)) digest.update(buffer.subarray(0, got));
  } finally {
    closeSync(descriptor);
  }
  return digest.digest('hex');
}
