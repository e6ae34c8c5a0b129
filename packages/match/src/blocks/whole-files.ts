import { keyedCode } from '@kerbside/bytes';
import { SizeGatherer } from '../build/size-gatherer.ts';
import { sizeGateOf } from '../compiled/size-gate.ts';
import { decodeIntegers } from '../compiled/integers.ts';
import { sufficientDigests } from '../compiled/set-facts.ts';
import { KIND_INDEX } from '../digest-kinds.ts';
import type { DigestAlgorithm, KnownSet, SetFacts, SetRow } from '../known-set.ts';
import { readSize } from './attach-block-set.ts';
import type { BlockSetFacts, SharedBlockSet } from './block-set.ts';
import { PURPOSE_OF, readCodeHalf, type FileDigestKind } from './file-table.ts';
import { SIZE_UNSTATED } from './layout.ts';

const NO_ROWS: readonly SetRow[] = Object.freeze([]);

/**
 * The whole-file codes of a set as a set of known files. A row holds the digest that was asked, for
 * the set knows no other; a match rests on the 64 bits of the code.
 */
export function attachWholeFiles(shared: SharedBlockSet): KnownSet {
  const { facts, codeKey, sections } = shared;
  const codes = new Uint8Array(sections['file-codes']!, 0, facts.files * 8);
  const sizes = new Uint8Array(sections['file-sizes']!);
  const filesWith = countKinds(new Uint8Array(sections['file-kinds']!), facts.files);
  const { gate, withoutSize } = makeGate(sizes, facts.files, () => true);
  const setFacts = setFactsOf(facts, filesWith, withoutSize);
  const purposeOf = (algorithm: DigestAlgorithm): number => (algorithm === 'ed2k' ? 0 : PURPOSE_OF[algorithm]);

  return {
    facts: setFacts,
    lookup(algorithm, digest) {
      if (setFacts.rowsWith[algorithm] === 0) return NO_ROWS;
      const code = keyedCode(codeKey, purposeOf(algorithm), digest);
      const sizesBytes: number[] = [];
      let found = false;
      for (let file = firstAtLeast(codes, facts.files, code); file < facts.files && isCode(codes, file, code); file++) {
        found = true;
        const size = readSize(sizes, file);
        if (size !== SIZE_UNSTATED) sizesBytes.push(size);
      }
      return found ? [rowOf(facts, algorithm, digest, sizesBytes)] : NO_ROWS;
    },
    mayHaveSize: gate,
    coversAllRows: (algorithm) => setFacts.rowsWith[algorithm] === setFacts.rows,
    sufficientDigests: sufficientDigests(
      (['md5', 'sha1', 'sha256'] as const).filter((kind) => filesWith[kind] > 0).map((kind) => ({ kinds: 1 << KIND_INDEX[kind], rows: filesWith[kind] })),
    ),
    close: () => {},
  };
}

function countKinds(purposes: Uint8Array, files: number): Record<FileDigestKind, number> {
  const counts = new Float64Array(256);
  for (let file = 0; file < files; file++) counts[purposes[file]!]!++;
  return { md5: counts[PURPOSE_OF.md5]!, sha1: counts[PURPOSE_OF.sha1]!, sha256: counts[PURPOSE_OF.sha256]! };
}

function setFactsOf(facts: BlockSetFacts, filesWith: Readonly<Record<FileDigestKind, number>>, rowsWithoutSize: number): SetFacts {
  return {
    name: facts.name,
    // A block set is made of known material and of nothing else.
    meaning: 'alert',
    path: facts.path,
    digest: facts.digest,
    formatVersion: facts.formatVersion,
    createdAt: facts.createdAt,
    // What a set was made from stays with its owner.
    sources: [],
    rows: facts.files,
    rowsWith: { ...filesWith, ed2k: 0 },
    rowsWithoutSize,
  };
}

function rowOf(facts: BlockSetFacts, algorithm: DigestAlgorithm, digest: Uint8Array, sizesBytes: readonly number[]): SetRow {
  const hex = Buffer.from(digest).toString('hex');
  return {
    md5: algorithm === 'md5' ? hex : null,
    sha1: algorithm === 'sha1' ? hex : null,
    sha256: algorithm === 'sha256' ? hex : null,
    ed2k: null,
    sizesBytes,
    category: facts.category === 'unstated' ? 'unmapped' : facts.category,
    categoryBasis: 'unstated',
    rawCategory: null,
  };
}

function firstAtLeast(codes: Uint8Array, count: number, code: Uint8Array): number {
  const high = readCodeHalf(code, 0);
  const low = readCodeHalf(code, 4);
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const difference = readCodeHalf(codes, middle * 8) - high || readCodeHalf(codes, middle * 8 + 4) - low;
    if (difference < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isCode(codes: Uint8Array, file: number, code: Uint8Array): boolean {
  for (let i = 0; i < 8; i++) if (codes[file * 8 + i] !== code[i]) return false;
  return true;
}

/** Which lengths files without an indexed block have. Made when first asked, as only a screen asks. */
export function filesWithoutBlocks({ facts, sections }: SharedBlockSet): (sizeBytes: number) => boolean {
  const sizes = new Uint8Array(sections['file-sizes']!);
  const blocks = new Uint32Array(sections['file-blocks']!);
  let made: ReturnType<typeof makeGate> | null = null;
  return (sizeBytes) => {
    made ??= makeGate(sizes, facts.files, (file) => blocks[file] === 0);
    return made.gate?.(sizeBytes) ?? true;
  };
}

/** The size gate is made at opening, from the sizes that the set holds anyway. */
function makeGate(sizes: Uint8Array, files: number, isWanted: (file: number) => boolean): { gate: KnownSet['mayHaveSize']; withoutSize: number } {
  const gathered = new SizeGatherer();
  let withoutSize = 0;
  for (let file = 0; file < files; file++) {
    if (!isWanted(file)) continue;
    const size = readSize(sizes, file);
    if (size === SIZE_UNSTATED) withoutSize++;
    else gathered.add(size);
  }
  return { gate: withoutSize > 0 ? null : sizeGateOf(gathered.bitmap(), decodeIntegers(gathered.largeSizes())), withoutSize };
}
