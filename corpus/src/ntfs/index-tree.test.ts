import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildIndexTree, INDEX_BLOCK_BYTES, type IndexEntry } from './index-tree.ts';

const ROOM = { rootRoomBytes: 300, rootOnlyRoomBytes: 500, vcnStep: 1, clustersPerBlock: 1 };

function entries(count: number): IndexEntry[] {
  return Array.from({ length: count }, (_, number) => {
    const key = Buffer.alloc(66 + (number % 40) * 2);
    key.writeUInt32LE(number, 0);
    return { reference: BigInt(number + 64), key };
  });
}

/** All entries in order, walked from a node, with the deepest level met. */
function walk(node: Buffer, blocks: readonly Buffer[], depth = 1): { numbers: number[]; depth: number } {
  const numbers: number[] = [];
  let deepest = depth;
  for (let at = node.readUInt32LE(0); at < node.readUInt32LE(4); at += node.readUInt16LE(at + 8)) {
    const flags = node.readUInt32LE(at + 12);
    if ((flags & 1) !== 0) {
      const child = Number(node.readBigUInt64LE(at + node.readUInt16LE(at + 8) - 8));
      const below = walk(withoutUpdateSequence(blocks[child]!).subarray(24), blocks, depth + 1);
      numbers.push(...below.numbers);
      deepest = Math.max(deepest, below.depth);
    }
    if ((flags & 2) !== 0) break;
    numbers.push(node.readUInt32LE(at + 16));
  }
  return { numbers, depth: deepest };
}

function withoutUpdateSequence(block: Buffer): Buffer {
  const copy = Buffer.from(block);
  for (let stride = 0; stride < INDEX_BLOCK_BYTES / 512; stride++) copy.copy(copy, stride * 512 + 510, 42 + stride * 2, 44 + stride * 2);
  return copy;
}

describe('buildIndexTree', () => {
  for (const [count, depth] of [[0, 1], [3, 1], [20, 2], [60, 2], [3000, 4], [60_000, 5]] as const) {
    it(`keeps ${count} entries in order, ${depth} level(s) deep`, () => {
      const tree = buildIndexTree(entries(count), ROOM);
      const found = walk(tree.root.subarray(16), tree.blocks);
      assert.deepEqual(found.numbers, Array.from({ length: count }, (_, number) => number));
      assert.equal(found.depth, depth);
      assert.ok(tree.root.length <= (depth === 1 ? ROOM.rootOnlyRoomBytes : ROOM.rootRoomBytes));
    });
  }

  it('never leaves a block empty', () => {
    for (let count = 4; count < 200; count++) {
      for (const block of buildIndexTree(entries(count), ROOM).blocks) assert.ok(block.readUInt32LE(24 + 4) > 40 + 16, `${count} entries`);
    }
  });
});
