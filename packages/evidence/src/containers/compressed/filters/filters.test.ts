/** Filters of machine code and of differences, as `xz` writes them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { makeCodeLike, mutate } from '@kerbside/corpus';
import { ContainerBudget } from '../../container-budget.ts';
import { listContainer, sha1, type ContainerListing } from '../../container-listing-for-tests.ts';
import { readCompressed } from '../read-compressed.ts';
import { undoFilter } from './undo-filter.ts';

const skip = spawnSync('which', ['xz']).status === 0 ? false : 'xz not installed';
if (skip !== false && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: xz');

/** Not a multiple of any instruction, and longer than a piece. */
const CODE = makeCodeLike(5, 1_300_003);
const FILTERS: readonly string[] = ['--x86', '--powerpc', '--ia64', '--arm', '--armthumb', '--arm64', '--sparc', '--x86=start=4096', '--arm64=start=65536', '--delta=dist=1', '--delta=dist=256'];

function pack(filters: readonly string[], content: Buffer = CODE): Buffer {
  const { stdout, status, stderr } = spawnSync('xz', ['-c', ...filters, '--lzma2=preset=0'], { input: content, maxBuffer: 1 << 28 });
  assert.equal(status, 0, stderr.toString());
  return stdout;
}

/** All of it; each piece is valid until the next. */
function turnBack(filter: number, pieces: readonly Buffer[]): Buffer {
  return Buffer.concat(Array.from(undoFilter(filter, Buffer.alloc(0), pieces), (piece) => Buffer.from(piece)));
}

function read(bytes: Buffer): Promise<ContainerListing> {
  return listContainer(readCompressed(new MemorySource(bytes), 'xz', ContainerBudget.forContainer(bytes.length)));
}

test('every filter of xz is turned back, one and several', { skip }, async () => {
  for (const filters of [...FILTERS.map((one) => [one]), ['--delta=dist=3', '--x86'], ['--arm', '--delta=dist=4', '--sparc']]) {
    const { members, problems } = await read(pack(filters));
    assert.deepEqual([members.map((member) => member.slice(-40)), problems], [[sha1(CODE)], []], filters.join(' '));
  }
});

test('a filter changes what it stands for: each of these would be wrong without it', () => {
  for (const [filter, name] of [[4, 'x86'], [5, 'PowerPC'], [6, 'IA-64'], [7, 'ARM'], [8, 'Thumb'], [9, 'SPARC'], [10, 'ARM64'], [3, 'delta']] as const) {
    const turned = turnBack(filter, [CODE]);
    assert.equal(turned.length, CODE.length, name);
    assert.notEqual(sha1(turned), sha1(CODE), name);
  }
});

test('contents of every short length, in pieces of any length', () => {
  for (const filter of [3, 4, 5, 6, 7, 8, 9, 10]) {
    const whole = turnBack(filter, [CODE.subarray(0, 1000)]);
    for (const length of [1, 3, 7, 16, 999]) {
      const pieces = Array.from({ length: Math.ceil(1000 / length) }, (_, i) => CODE.subarray(i * length, Math.min(1000, (i + 1) * length)));
      const cut = turnBack(filter, pieces);
      assert.ok(cut.equals(whole), `filter ${filter}, pieces of ${length}`);
    }
    for (let length = 0; length < 40; length++) assert.equal(turnBack(filter, [CODE.subarray(0, length)]).length, length);
  }
});

test('filtered streams cut and mutated are told, never an exception', { skip }, async () => {
  const packed = pack(['--delta=dist=2', '--x86'], CODE.subarray(0, 3000));
  for (let length = 0; length < packed.length; length += 37) assert.ok(!(await read(packed.subarray(0, length))).members.some((member) => member.endsWith(sha1(CODE.subarray(0, 3000)))));
  for (let seed = 0; seed < 400; seed++) await read(mutate(packed, seed));
});
