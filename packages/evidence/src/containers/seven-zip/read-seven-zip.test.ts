import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { mutate } from '@kerbside/corpus';
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
