import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { crc32 } from 'node:zlib';
import { MemorySource } from '@kerbside/bytes';
import { makeCodeLike, mutate } from '@kerbside/corpus';
import { ContainerBudget, CONTAINER_LIMITS } from '../container-budget.ts';
import { listContainer, sha1, type ContainerListing } from '../container-listing-for-tests.ts';
import { readSevenZip } from './read-seven-zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-7z-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const skip = spawnSync('which', ['bsdtar']).status === 0 ? false : 'bsdtar not installed';

const FILES: Readonly<Record<string, Buffer>> = {
  'a.txt': Buffer.from('A late equaliser. '.repeat(500)),
  'b.bin': Buffer.from(Uint8Array.from({ length: 70_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 11) & 0xff)),
  'tör.txt': Buffer.from('short'),
};

function make(compression: string): Buffer {
  const tree = join(folder, 'tree');
  mkdirSync(tree, { recursive: true });
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(tree, name), content);
  const path = join(folder, 'made.7z');
  execFileSync('bsdtar', ['--format=7zip', `--options=7zip:compression=${compression}`, '-cf', path, '-C', folder, 'tree'], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  return readFileSync(path);
}

function read(bytes: Buffer): Promise<ContainerListing> {
  return listContainer(readSevenZip(new MemorySource(bytes), ContainerBudget.forContainer(bytes.length, { ...CONTAINER_LIMITS, maxExpandedBytes: 20_000_000 })));
}

test('7z of every method that bsdtar writes: names and contents; PPMd is named', { skip }, async () => {
  for (const method of ['store', 'deflate', 'bzip2', 'lzma1', 'lzma2']) {
    const { members, problems } = await read(make(method));
    assert.deepEqual(problems, [], method);
    for (const [name, content] of Object.entries(FILES)) assert.ok(members.includes(`tree/${name} file readable ${sha1(content)}`), `${method} ${name}: ${members.join('\n')}`);
    assert.ok(members.some((member) => member.startsWith('tree directory ')));
  }
  assert.deepEqual(new Set((await read(make('ppmd'))).problems), new Set(['seven-zip-method-unsupported']));
});

test('7z cut anywhere or mutated: told, never an exception', { skip }, async () => {
  const bytes = make('lzma2');
  for (let length = 0; length < bytes.length; length += Math.ceil(bytes.length / 60)) assert.ok((await read(bytes.subarray(0, length))).problems.length > 0, `${length}`);
  const small = make('store');
  for (let seed = 0; seed < 300; seed++) await read(mutate(small, seed));
});

const hasSevenZip = spawnSync('which', ['7zz']).status === 0;
if (!hasSevenZip && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error('tools missing: 7zz');
const skipSevenZip = hasSevenZip ? false : '7zz not installed';

/** Two members through 7-Zip itself. */
function makeBySevenZip(methods: readonly string[], sizeBytes = 1_200_001): { bytes: Buffer; members: string[] } {
  const code = makeCodeLike(9, sizeBytes);
  const text = Buffer.from('A header from the corner. '.repeat(300));
  const place = join(folder, 'code');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'code.bin'), code);
  writeFileSync(join(place, 'text.txt'), text);
  const path = join(folder, 'by-7zip.7z');
  rmSync(path, { force: true });
  execFileSync('7zz', ['a', '-ms=on', ...methods, path, 'code.bin', 'text.txt'], { cwd: place, stdio: 'ignore' });
  return { bytes: readFileSync(path), members: [`code.bin file readable ${sha1(code)}`, `text.txt file readable ${sha1(text)}`] };
}

const BCJ2 = ['-m0=BCJ2', '-m1=LZMA2', '-m2=LZMA', '-m3=LZMA', '-mb0s0:1', '-mb0s1:2', '-mb0s2:3'];

test('filters and deflate64 as 7-Zip writes them, alone and in chains', { skip: skipSevenZip }, async () => {
  const chains: readonly (readonly string[])[] = [
    BCJ2,
    ...['BCJ', 'ARM', 'ARMT', 'ARM64', 'PPC', 'IA64', 'SPARC', 'Delta:3', 'Delta:256'].map((filter) => [`-m0=${filter}`, '-m1=LZMA']),
    ['-m0=Deflate64'],
    ['-m0=BCJ', '-m1=Deflate64'],
    ['-m0=Delta:2', '-m1=BCJ', '-m2=LZMA2'],
    ['-m0=BCJ', '-m1=Copy'],
  ];
  for (const methods of chains) {
    const { bytes, members } = makeBySevenZip(methods);
    const listed = await read(bytes);
    assert.deepEqual([[...listed.members].toSorted(), listed.problems], [members, []], methods.join(' '));
  }
});

test('what is still not read is named, and encrypted archives stay encrypted', { skip: skipSevenZip }, async () => {
  const ppmd = await read(makeBySevenZip(['-m0=BCJ', '-m1=PPMd']).bytes);
  assert.deepEqual(ppmd.members.map((member) => member.split(' ').slice(1)), [['file', 'unsupported', 'seven-zip-method-unsupported'], ['file', 'unsupported', 'seven-zip-method-unsupported']]);
  const often = await read(makeBySevenZip(['-m0=LZMA', '-m1=LZMA', '-m2=LZMA', '-m3=LZMA', '-m4=LZMA']).bytes);
  assert.deepEqual(new Set(often.problems), new Set(['seven-zip-method-unsupported']));
  const locked = await read(makeBySevenZip(['-m0=BCJ2', '-pgoal']).bytes);
  assert.deepEqual(new Set(locked.problems), new Set(['archive-encrypted']));
  assert.deepEqual((await read(makeBySevenZip(['-mhe=on', '-pgoal']).bytes)).problems, ['archive-encrypted']);
});

test('BCJ2 cut and mutated, with coders joined in circles and lengths that cannot be: told, never an exception', { skip: skipSevenZip }, async () => {
  const { bytes, members } = makeBySevenZip([...BCJ2, '-mhc=off'], 9000);
  for (let length = 0; length < bytes.length; length += 61) assert.ok((await read(bytes.subarray(0, length))).problems.length > 0, `${length}`);
  for (let seed = 0; seed < 300; seed++) await read(mutate(bytes, seed));
  // Every byte of the header in turn, with its checksums made right again: that is how coders get joined as none can be.
  const [headerAt, headerBytes] = [32 + Number(bytes.readBigUInt64LE(12)), Number(bytes.readBigUInt64LE(20))];
  let others = 0;
  for (let at = headerAt; at < headerAt + headerBytes; at++) {
    for (const value of [0, 1, 3, 0x7f, 0xff]) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      changed.writeUInt32LE(crc32(changed.subarray(headerAt, headerAt + headerBytes)), 28);
      changed.writeUInt32LE(crc32(changed.subarray(12, 32)), 8);
      const listed = await read(changed);
      if (listed.members.join() !== members.join()) others += 1;
    }
  }
  assert.ok(others > headerBytes, `${others}`);
});
