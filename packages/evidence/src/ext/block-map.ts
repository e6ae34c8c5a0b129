/**
 * The block map of ext2/3: fifteen 32-bit block numbers in the inode. Twelve name data blocks, then
 * one block each of single, double and triple indirection; 0 is a hole
 * (docs.kernel.org/filesystems/ext4/dynamic.html#direct-indirect-block-addressing).
 */
import type { MappingContext } from './map-content.ts';
import type { RunList } from './run-list.ts';

const DIRECT_BLOCKS = 12;

/** Adds what a block map names to `runs`. `map` holds the 60 bytes at `at`. */
export function addBlockMap(map: Buffer, at: number, runs: RunList, context: MappingContext): void {
  addPointers(map, at, DIRECT_BLOCKS, 0, runs, context);
  const perBlock = context.blocks.blockSizeBytes / 4;
  const visited = new Set<number>();
  let logical = DIRECT_BLOCKS;
  for (let level = 1; level <= 3; level++) {
    if (runs.full) return;
    addIndirect(map.readUInt32LE(at + (DIRECT_BLOCKS + level - 1) * 4), level, logical, runs, context, visited);
    logical += perBlock ** level;
  }
}

function addIndirect(block: number, level: number, logical: number, runs: RunList, context: MappingContext, visited: Set<number>): void {
  const { blocks } = context;
  if (block === 0 || logical * blocks.blockSizeBytes >= runs.sizeBytes) return;
  if (visited.has(block)) {
    runs.fault({ kind: 'malformed', code: 'ext-map-loop', message: 'the block map of the content runs in a loop; the part behind it was not mapped' });
    return;
  }
  visited.add(block);
  const bytes = context.readMapBlock(block, level, runs);
  if (bytes === null) return;
  const perBlock = blocks.blockSizeBytes / 4;
  if (level === 1) {
    addPointers(bytes, 0, perBlock, logical, runs, context);
    return;
  }
  const span = perBlock ** (level - 1);
  for (let i = 0; i < perBlock && !runs.full; i++) {
    if (!context.spend(1, runs)) return;
    addIndirect(bytes.readUInt32LE(i * 4), level - 1, logical + i * span, runs, context, visited);
  }
}

/** Adds `count` pointers to data blocks, joining those that follow one another. */
function addPointers(bytes: Buffer, at: number, count: number, logical: number, runs: RunList, context: MappingContext): void {
  if (!context.spend(count, runs)) return;
  const blocksLeft = Math.ceil(runs.sizeBytes / context.blocks.blockSizeBytes) - logical;
  const limit = Math.min(count, blocksLeft);
  let i = 0;
  while (i < limit) {
    const block = bytes.readUInt32LE(at + i * 4);
    let run = 1;
    if (block === 0) {
      i += 1;
      continue;
    }
    while (i + run < limit && bytes.readUInt32LE(at + (i + run) * 4) === block + run) run += 1;
    runs.add(logical + i, block, run, 'data');
    if (runs.full) return;
    i += run;
  }
}
