import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { MemorySource } from '@kerbside/bytes';
import { ContainerBudget, CONTAINER_LIMITS } from '../container-budget.ts';
import { listContainer, sha1, type ContainerListing } from '../container-listing-for-tests.ts';
import { sniffContent } from '../sniff-content.ts';
import { readCompressed, type CompressedFormat } from './read-compressed.ts';

const WORDS = ['goal', 'match', 'ball', 'team', 'pitch', 'season', 'keeper'];
const CONTENT = Buffer.concat([
  Buffer.from(Array.from({ length: 60_000 }, (_, i) => `${WORDS[(i * i + 3 * i) % 7]!} ${i % 977}`).join(' ')),
  Buffer.alloc(1_500_000, 'a'),
  Buffer.from(Uint8Array.from({ length: 100_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 0xff)),
]);

function read(bytes: Buffer, format: CompressedFormat, limits = CONTAINER_LIMITS): Promise<ContainerListing> {
  return listContainer(readCompressed(new MemorySource(bytes), format, ContainerBudget.forContainer(bytes.length, limits), { bytes: Buffer.from('Backup.tgz'), encoding: 'utf-8' }));
}

/** Packs with Python, which has bzip2 and LZMA in every form. */
function packByPython(expression: string): Buffer {
  const { stdout } = spawnSync('python3', ['-c', `import sys, bz2, lzma\nt = sys.stdin.buffer.read()\nsys.stdout.buffer.write(${expression})`], { input: CONTENT, maxBuffer: 1 << 28 });
  return stdout;
}

const PACKED: readonly (readonly [CompressedFormat, string])[] = [
  ['bzip2', 'bz2.compress(t[:2000000], 1) + bz2.compress(t[2000000:], 9)'],
  ['xz', 'lzma.compress(t[:90000], preset=0) + lzma.compress(t[90000:], preset=6)'],
  ['xz', 'lzma.compress(t, check=lzma.CHECK_SHA256, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 65536, "lc": 1, "lp": 3, "pb": 0}])'],
  ['xz', 'lzma.compress(t, check=lzma.CHECK_CRC32, preset=2)'],
  ['lzma', 'lzma.compress(t, format=lzma.FORMAT_ALONE)'],
  ['lzma', 'lzma.compress(t, format=lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": 4096, "lc": 2, "lp": 2, "pb": 4}])'],
];

test('bzip2, xz and LZMA of Python unpack to the same bytes', { skip: spawnSync('which', ['python3']).status === 0 ? false : 'python3 not installed' }, async () => {
  for (const [format, expression] of PACKED) {
    const packed = packByPython(expression);
    // LZMA has no mark: only its usual properties are recognised.
    if (!expression.includes('"lc": 2')) assert.equal(sniffContent(packed.subarray(0, 512)), `archive/${format}`, expression);
    const { members, problems } = await read(packed, format);
    assert.deepEqual(members, [`Backup.tar file readable ${sha1(CONTENT)}`], expression);
    assert.deepEqual(problems, [], expression);
  }
});

test('gzip of several members, its name from the header; zstd', async () => {
  const named = Buffer.concat([gzipSync(CONTENT.subarray(0, 10)), gzipSync(CONTENT.subarray(10))]);
  named[3] = 8;
  const withName = Buffer.concat([named.subarray(0, 10), Buffer.from('inner.tar\0'), named.subarray(10)]);
  assert.deepEqual((await read(withName, 'gzip')).members, [`inner.tar file readable ${sha1(CONTENT)}`]);
  assert.deepEqual((await read(zstdCompressSync(CONTENT), 'zstd')).members, [`Backup.tar file readable ${sha1(CONTENT)}`]);
  assert.deepEqual((await read(Buffer.concat([gzipSync(CONTENT), Buffer.alloc(100), Buffer.from('stray')]), 'gzip')).problems, ['compressed-bytes-after-end']);
});

test('cut or changed streams never count as content', { skip: spawnSync('which', ['python3']).status === 0 ? false : 'python3 not installed' }, async () => {
  const small = CONTENT.subarray(0, 3000);
  const pack = (expression: string): Buffer => spawnSync('python3', ['-c', `import sys, bz2, lzma\nt = sys.stdin.buffer.read()\nsys.stdout.buffer.write(${expression})`], { input: small }).stdout;
  const all: readonly (readonly [CompressedFormat, Buffer])[] = [['gzip', gzipSync(small)], ['bzip2', pack('bz2.compress(t)')], ['xz', pack('lzma.compress(t)')], ['zstd', zstdCompressSync(small)]];
  for (const [format, packed] of all) {
    for (let length = 0; length < packed.length; length += 7) {
      const { members, problems } = await read(packed.subarray(0, length), format);
      assert.ok(problems.length > 0 || !/[0-9a-f]{40}$/.test(members[0]!) || length === 0, `${format} cut at ${length}: ${members.join()}`);
    }
    const isChecked = format !== 'zstd';
    for (let at = 12; isChecked && at < packed.length; at += 11) {
      const changed = Buffer.from(packed);
      changed[at]! ^= 0x10;
      const { members } = await read(changed, format);
      if (members[0] !== undefined && /[0-9a-f]{40}$/.test(members[0])) assert.ok(members[0].endsWith(sha1(small)), `${format} changed at ${at}`);
    }
  }
});

test('bombs are stopped by name: gzip at 1,029:1, bzip2 and xz', async () => {
  const limits = { ...CONTAINER_LIMITS, ratioFromBytes: 4_000_000 };
  const zeros = Buffer.alloc(30_000_000);
  assert.match((await read(gzipSync(zeros), 'gzip', limits)).members[0]!, /container-ratio-limit$/);
  if (spawnSync('which', ['python3']).status !== 0) return;
  const pack = (expression: string): Buffer => spawnSync('python3', ['-c', `import sys, bz2, lzma\nt = bytes(30000000)\nsys.stdout.buffer.write(${expression})`]).stdout;
  assert.match((await read(pack('bz2.compress(t)'), 'bzip2', limits)).members[0]!, /container-ratio-limit$/);
  assert.match((await read(pack('lzma.compress(t)'), 'xz', limits)).members[0]!, /container-ratio-limit$/);
});
