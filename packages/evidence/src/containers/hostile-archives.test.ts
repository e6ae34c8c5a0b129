import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { MemorySource } from '@kerbside/bytes';
import { mutate, writeTar, writeZip, type ZipEntry } from '@kerbside/corpus';
import { readCompressed } from './compressed/read-compressed.ts';
import { ContainerBudget, CONTAINER_LIMITS } from './container-budget.ts';
import type { ContainerEvent } from './container.ts';
import { listContainer } from './container-listing-for-tests.ts';
import { sniffContent } from './sniff-content.ts';
import { readTarStream } from './tar/read-tar-stream.ts';
import { readTar } from './tar/read-tar.ts';
import { readZip } from './zip/read-zip.ts';

const MUTATIONS = process.env['KERBSIDE_LONG'] === undefined ? 2_000 : 100_000;
/** So small that a trap made by a mutation is met at once. */
const LIMITS = { ...CONTAINER_LIMITS, maxExpandedBytes: 8_000_000, maxEntries: 500 };
const TEXT = Buffer.from('Extra time is played in two halves. '.repeat(30));

const ZIP = writeZip([
  { name: 'a.txt', content: TEXT }, { name: 'dir/b.bin', content: TEXT, method: 0 }, { name: 'c.txt', content: TEXT, sizeFollows: true },
  { name: 'wide', content: TEXT, wide: true }, { name: 'z', content: TEXT, method: 93, packed: zstdCompressSync(TEXT) }, { name: 'e/', content: Buffer.alloc(0), method: 0 },
], { wideEnd: true });
const TAR = writeTar([{ name: 'a', content: TEXT }, { name: 'x', type: 'x', content: Buffer.from('18 path=long/name\n24 GNU.sparse.map=0,512\n25 GNU.sparse.size=90000\n') }, { name: 'b', content: TEXT }, { name: 'l', type: 'L', content: Buffer.from('n'.repeat(300)) }, { name: 'c', content: TEXT, base256: true }]);
const GZ = gzipSync(TEXT);

function budgetOf(bytes: Buffer): ContainerBudget {
  return ContainerBudget.forContainer(bytes.length, LIMITS);
}

const READERS: readonly (readonly [string, Buffer, (bytes: Buffer) => Iterable<ContainerEvent> | AsyncIterable<ContainerEvent>])[] = [
  ['ZIP', ZIP, (bytes) => readZip(new MemorySource(bytes), budgetOf(bytes))],
  ['ZIP without a directory', ZIP.subarray(0, ZIP.indexOf('PK\x01\x02', 0, 'latin1')), (bytes) => readZip(new MemorySource(bytes), budgetOf(bytes))],
  ['TAR', TAR, (bytes) => readTar(new MemorySource(bytes), budgetOf(bytes))],
  ['TAR as a stream', TAR, (bytes) => readTarStream([bytes.subarray(0, 700), bytes.subarray(700)], budgetOf(bytes))],
  ['gzip', GZ, (bytes) => readCompressed(new MemorySource(bytes), 'gzip', budgetOf(bytes))],
];

for (const [name, bytes, reader] of READERS) {
  test(`${name}: ${MUTATIONS / 5} mutated copies give members and problems, and nothing else`, async () => {
    for (let seed = 0; seed < MUTATIONS / 5; seed++) {
      const { members } = await listContainer(reader(mutate(bytes, seed)));
      assert.ok(members.length <= LIMITS.maxEntries);
    }
  });
}

test('a ZIP cut at every place is told, and what is whole in it is read', async () => {
  for (let length = 0; length < ZIP.length; length += 3) {
    const { problems } = await listContainer(readZip(new MemorySource(ZIP.subarray(0, length)), budgetOf(ZIP)));
    assert.ok(problems.length > 0, `cut at ${length}`);
  }
});

/** Opens everything, as the content lane does, each level with its own budget of the one shared. */
async function openAll(bytes: Buffer, budget: ContainerBudget, codes: Set<string>): Promise<number> {
  let opened = 1;
  for (const event of readZip(new MemorySource(bytes), budget)) {
    if (event.type === 'problem') {
      codes.add(event.problem.code);
      continue;
    }
    try {
      const content = Buffer.concat([...(event.member.content() as Iterable<Uint8Array>)].map((piece) => Buffer.from(piece)));
      if (sniffContent(content.subarray(0, 512)) === 'archive/zip') opened += await openAll(content, budget.nested(), codes);
    } catch (error) {
      codes.add((error as { code: string }).code);
    }
  }
  return opened;
}

test('archives in archives end at the depth limit, and a tree of them at the bytes limit', async () => {
  let nested: Buffer = writeZip([{ name: 'core', content: TEXT }]);
  for (let level = 0; level < 20; level++) nested = writeZip([{ name: 'inner.zip', content: nested }]);
  const codes = new Set<string>();
  assert.equal(await openAll(nested, budgetOf(nested), codes), 7);
  assert.deepEqual([...codes], ['container-depth-limit']);
  let tree: Buffer = writeZip([{ name: 'zeros', content: Buffer.alloc(500_000) }]);
  for (let level = 0; level < 4; level++) tree = writeZip(Array.from({ length: 8 }, (_, i): ZipEntry => ({ name: `${i}.zip`, content: tree })));
  const told = new Set<string>();
  const budget = budgetOf(tree);
  await openAll(tree, budget, told);
  assert.ok(told.has('container-bytes-limit'));
  assert.ok(budget.expandedBytes < LIMITS.maxExpandedBytes * 2);
});

test('a ZIP that holds itself, by a record that points at the whole archive, is told and ends', async () => {
  const zip = writeZip([{ name: 'self.zip', content: TEXT, method: 0 }]);
  // The one member's content is made to be all bytes of the archive from its own header on.
  const record = zip.indexOf('PK\x01\x02', 0, 'latin1');
  for (const at of [18, 22, record + 20, record + 24]) zip.writeUInt32LE(zip.length - 38, at);
  const codes = new Set<string>();
  assert.ok((await openAll(zip, budgetOf(zip), codes)) <= 7);
  assert.ok(codes.size > 0);
});

test('a deflate stream of nothing but empty blocks does not hang', async () => {
  const empty = Buffer.concat([Buffer.alloc(500_000, Buffer.from('000000ffff', 'hex')), deflateRawSync(Buffer.alloc(0))]);
  const zip = writeZip([{ name: 'empty', content: Buffer.alloc(0), packed: empty }]);
  const { members } = await listContainer(readZip(new MemorySource(zip), budgetOf(zip)));
  assert.match(members[0]!, /da39a3ee5e6b4b0d3255bfef95601890afd80709$/);
});
