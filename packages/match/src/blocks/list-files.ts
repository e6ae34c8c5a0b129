import { readSize } from './attach-block-set.ts';
import type { SharedBlockSet } from './block-set.ts';
import { PURPOSE_OF, type FileDigestKind } from './file-table.ts';
import { SIZE_UNSTATED } from './layout.ts';

/** One file of a block set: the code of one of its digests, and its length. */
export interface BlockSetFileCode {
  readonly kind: FileDigestKind;
  /** 8 bytes, valid as long as the set. */
  readonly code: Uint8Array;
  /** Null where the list that the set was made from stated none. */
  readonly sizeBytes: number | null;
}

const KINDS: readonly FileDigestKind[] = ['md5', 'sha1', 'sha256'];

/** The whole-file codes of an open set, in the order of their codes. */
export function* listBlockSetFiles({ facts, sections }: SharedBlockSet): Generator<BlockSetFileCode, void, undefined> {
  const codes = new Uint8Array(sections['file-codes']!, 0, facts.files * 8);
  const sizes = new Uint8Array(sections['file-sizes']!);
  const purposes = new Uint8Array(sections['file-kinds']!);
  for (let file = 0; file < facts.files; file++) {
    const kind = KINDS.find((one) => PURPOSE_OF[one] === purposes[file]);
    const sizeBytes = readSize(sizes, file);
    if (kind !== undefined) yield { kind, code: codes.subarray(file * 8, file * 8 + 8), sizeBytes: sizeBytes === SIZE_UNSTATED ? null : sizeBytes };
  }
}
