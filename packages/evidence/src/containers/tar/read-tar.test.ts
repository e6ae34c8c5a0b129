import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, linkSync, writeFileSync, openSync, writeSync, ftruncateSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { MemorySource } from '@kerbside/bytes';
import { writeTar } from '@kerbside/corpus';
import { ContainerBudget } from '../container-budget.ts';
import { listContainer, sha1, type ContainerListing } from '../container-listing-for-tests.ts';
import { readTarStream } from './read-tar-stream.ts';
import { readTar } from './read-tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-tar-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = Buffer.from('A header is a goal too. '.repeat(60));

function* inPieces(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Reads it both ways, which must agree but for what only an archive of known length can say beforehand. */
async function read(tar: Buffer): Promise<ContainerListing> {
  const placed = await listContainer(readTar(new MemorySource(tar), ContainerBudget.forContainer(tar.length)));
  const streamed = await listContainer(readTarStream(inPieces(tar, 777), ContainerBudget.forContainer(tar.length)));
  assert.deepEqual(streamed.members.map((member) => member.replace(' readable ', ' damaged ')), placed.members.map((member) => member.replace(' readable ', ' damaged ')));
  return placed;
}

test('TARs of GNU tar and bsdtar in every form: names, kinds and contents, holes and long names among them', { skip: spawnSync('which', ['tar', 'bsdtar']).status === 0 ? false : 'tar or bsdtar not installed' }, async () => {
  const tree = join(folder, 'tree');
  const deep = join(tree, 'x'.repeat(120), 'y'.repeat(120));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(tree, 'a.txt'), TEXT);
  writeFileSync(join(deep, 'z.txt'), 'deep');
  symlinkSync('/etc/passwd', join(tree, 'link'));
  linkSync(join(tree, 'a.txt'), join(tree, 'second'));
  const sparse = openSync(join(tree, 'sparse'), 'w');
  ftruncateSync(sparse, 3_000_000);
  for (let i = 0; i < 8; i++) writeSync(sparse, `stretch ${i}`, i * 300_000);
  closeSync(sparse);
  const expected = [
    'tree/a.txt', `tree/sparse file readable ${sha1(readFileSync(join(tree, 'sparse')))}`, 'tree/link link', 'tree/second',
    `tree/${'x'.repeat(120)}/${'y'.repeat(120)}/z.txt file readable ${sha1(Buffer.from('deep'))}`,
  ];
  const forms = [['tar', '-S', '--format=gnu'], ['tar', '-S', '--format=oldgnu'], ['tar', '-S', '--format=pax'], ['tar', '-S', '--format=pax', '--sparse-version=0.0'], ['tar', '-S', '--format=pax', '--sparse-version=0.1'], ['bsdtar']];
  for (const [program, ...options] of forms) {
    const path = join(folder, 'made.tar');
    execFileSync(program!, [...options, '-cf', path, '-C', folder, 'tree']);
    const { members, problems } = await read(readFileSync(path));
    assert.deepEqual(problems, [], options.join(' '));
    for (const line of expected) assert.ok(members.some((member) => member.startsWith(line)), `${program} ${options.join(' ')}: ${line}`);
    // One of the two names of a file holds its content, the other is a link.
    assert.equal(members.filter((member) => member.endsWith(sha1(TEXT))).length, 1);
  }
});

test('hostile names, links, devices and repeated names are listed as they are', async () => {
  const { members, problems } = await read(
    writeTar([
      { name: '../../up', content: TEXT }, { name: '/abs', content: TEXT }, { name: 'same', content: TEXT }, { name: 'same', content: TEXT },
      { name: 'l', type: '2', link: '../../../etc/shadow' }, { name: 'h', type: '1', link: '/etc/shadow', statedSize: 4096 }, { name: 'dev', type: '3' }, { name: 'd/', type: '5' },
      { name: 'b\u001b]0;x\u0007', content: TEXT, base256: true },
    ]),
  );
  assert.deepEqual(members.map((member) => member.split(' ').slice(0, 2).join(' ')), ['\\../\\../up file', 'abs file', 'same file', 'same file', 'l link', 'h link', 'dev other', 'd directory', 'b\\u{1b}]0;x\\u{7} file']);
  assert.deepEqual(problems, []);
});

test('a damaged header is told once, and the members after it are read', async () => {
  const tar = writeTar([{ name: 'a', content: TEXT }, { name: 'b', content: TEXT }, { name: 'c', content: TEXT }]);
  tar[tar.indexOf('b\0', 0, 'latin1')] = 0x21;
  const { members, problems } = await read(tar);
  assert.deepEqual(members, ['a', 'c'].map((name) => `${name} file readable ${sha1(TEXT)}`));
  assert.deepEqual(problems, ['tar-header-damaged']);
});

test('members and other bytes after the end mark are found and told', async () => {
  const { members, problems } = await read(Buffer.concat([writeTar([{ name: 'a', content: TEXT }]), writeTar([{ name: 'b', content: TEXT }]), Buffer.alloc(512, 'slack')]));
  assert.equal(members.length, 2);
  assert.deepEqual(problems, ['tar-bytes-after-end']);
});

test('a TAR cut at every place: told, never an exception', async () => {
  const tar = writeTar([{ name: 'a', content: TEXT }, { name: 'b'.repeat(90), content: TEXT }]);
  for (let length = 0; length < tar.length - 1024; length += 61) {
    const { members, problems } = await read(tar.subarray(0, length));
    assert.ok(problems.includes('tar-truncated'), `${length}: ${members.join()} ${problems.join()}`);
  }
});

test('a sparse member of an impossible map, and one of a size without end, are stopped', async () => {
  const map = Buffer.from('28 GNU.sparse.map=5,9,0,100\n27 GNU.sparse.size=1000000\n'.replace('28', '28'));
  const damaged = await read(writeTar([{ name: 'p', type: 'x', content: map }, { name: 'f', content: TEXT }]));
  assert.deepEqual(damaged.problems, ['tar-sparse-damaged']);
  const holes = Buffer.from('25 GNU.sparse.map=0,512,\n'.slice(0, 0) + '23 GNU.sparse.map=0,512\n'.replace('23', '24') + '38 GNU.sparse.size=900000000000000000\n'.slice(0, 0) + '36 GNU.sparse.size=9000000000000000\n');
  const tar = writeTar([{ name: 'p', type: 'x', content: holes }, { name: 'f', content: TEXT }]);
  const budget = ContainerBudget.forContainer(tar.length, { ...ContainerBudget.forContainer(1).limits, maxExpandedBytes: 5_000_000 });
  const { members } = await listContainer(readTar(new MemorySource(tar), budget));
  assert.match(members[0]!, /container-bytes-limit$/);
});
