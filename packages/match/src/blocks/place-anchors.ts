import type { BlockFiles } from './code-collector.ts';
import type { BlockMarks } from './block-marks.ts';
import type { SortedFiles } from './file-table.ts';
import { ANCHOR_EVERY } from './layout.ts';

/** What walking all files found. */
export interface CountedFiles {
  readonly anchors: number;
  /** Blocks indexed, in files up to the sparse bound and above it. */
  readonly indexed: { readonly dense: number; readonly sparse: number };
  /** Indexed blocks of each file of the set. */
  readonly indexedBlocks: Uint32Array;
}

/** Marks the anchors of each file among its indexed blocks and counts; blocks of files that are not used lose their mark. */
export function placeAnchors(marks: BlockMarks, blockFiles: BlockFiles, sorted: SortedFiles, isSparse: (blockFile: number) => boolean): CountedFiles {
  const indexedBlocks = new Uint32Array(sorted.count);
  const indexed = { dense: 0, sparse: 0 };
  let anchors = 0;
  for (let file = 0; file < blockFiles.files.length; file++) {
    const end = blockFiles.firstBlocks[file + 1]!;
    const unused = blockFiles.unused[file] === 1;
    let count = 0;
    for (let block = blockFiles.firstBlocks[file]!; block < end; block++) {
      if (!marks.isIndexed(block)) continue;
      if (unused) {
        marks.clearIndexed(block);
        continue;
      }
      if (count % ANCHOR_EVERY === 0) {
        marks.setAnchor(block);
        anchors++;
      }
      count++;
    }
    if (unused) continue;
    indexed[isSparse(file) ? 'sparse' : 'dense'] += count;
    indexedBlocks[sorted.finalNumber[blockFiles.files[file]!]!]! += count;
  }
  return { anchors, indexed, indexedBlocks };
}
