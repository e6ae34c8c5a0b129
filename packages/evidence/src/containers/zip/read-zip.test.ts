import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { MemorySource, UnsupportedError } from '@kerbside/bytes';
import { writeZip, type ZipEntry, type ZipShape } from '@kerbside/corpus';
import yauzl from 'yauzl';
import { ContainerBudget, CONTAINER_LIMITS } from '../container-budget.ts';
import { listContainer, sha1, type ContainerListing } from '../container-listing-for-tests.ts';
import { memberPath } from '../member-names.ts';
import { readZip } from './read-zip.ts';
import { zipKindOf } from './zip-kind.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-zip-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const TEXT = Buffer.from('The ball is round and the match takes ninety minutes. '.repeat(40));
const LARGE = Buffer.concat(Array.from({ length: 60 }, (_, i) => Buffer.from(`season ${i} `.repeat(6000))));

function read(zip: Buffer, limits = CONTAINER_LIMITS): Promise<ContainerListing> {
  return listContainer(readZip(new MemorySource(zip), ContainerBudget.forContainer(zip.length, limits)));
}

const ENTRIES: readonly ZipEntry[] = [
  { name: 'notes/a.txt', content: TEXT },
  { name: 'stored.bin', content: TEXT.subarray(0, 700), method: 0 },
  { name: 'follows.txt', content: TEXT, sizeFollows: true },
  { name: 'large.txt', content: LARGE },
  { name: 'wide.txt', content: TEXT, wide: true },
  { name: 'empty', content: Buffer.alloc(0), method: 0 },
  { name: 'new.zst', content: TEXT, method: 93, packed: zstdCompressSync(TEXT) },
];
const EXPECTED = ENTRIES.map(({ name, content }) => `${name.toString()} file readable ${sha1(content)}`);

const SHAPES: readonly (readonly [string, ZipShape])[] = [
  ['plain', {}],
  ['behind a program', { prefix: Buffer.alloc(5000, 'MZ program ') }],
  ['with a comment', { comment: Buffer.from('a comment with an end record in it: PK\x05\x06 and more, so that the search meets it first') }],
  ['with bytes after it', { suffix: Buffer.alloc(700) }],
  ['with wide end records', { wideEnd: true }],
  ['with wide end records behind a program', { wideEnd: true, prefix: Buffer.alloc(99) }],
];

for (const [name, shape] of SHAPES) {
  test(`a ZIP ${name}: every member read, nothing told`, async () => {
    const { members, problems } = await read(writeZip(ENTRIES, shape));
    assert.deepEqual(members, EXPECTED);
    assert.deepEqual(problems, []);
  });
}

test('stored members are byte runs in the container', () => {
  const zip = writeZip(ENTRIES, { prefix: Buffer.alloc(333) });
  for (const event of readZip(new MemorySource(zip), ContainerBudget.forContainer(zip.length))) {
    if (event.type !== 'member' || memberPath(event.member.names) !== 'stored.bin') continue;
    const [extent] = event.member.extents!;
    assert.ok(zip.subarray(extent!.sourceOffset, extent!.sourceOffset + extent!.length).equals(TEXT.subarray(0, 700)));
    return;
  }
  assert.fail('the stored member is missing');
});

test('without a directory, members are found by their own headers', async () => {
  const { members, problems } = await read(writeZip(ENTRIES, { omitDirectory: true }));
  assert.deepEqual(members, EXPECTED);
  assert.deepEqual(problems, ['zip-directory-missing']);
});

test('a directory that breaks gives the rest by headers, none twice', async () => {
  const zip = writeZip(ENTRIES);
  const third = zip.indexOf('PK\x01\x02', zip.indexOf('PK\x01\x02', zip.indexOf('PK\x01\x02') + 4) + 4, 'latin1');
  zip[third] = 0;
  const { members, problems } = await read(zip);
  assert.deepEqual([...members].sort(), [...EXPECTED].sort());
  assert.deepEqual(problems, ['zip-directory-damaged']);
});

test('members that stand in no directory are found and told', async () => {
  const { members, problems } = await read(writeZip(ENTRIES, { unlisted: [1, 3] }));
  assert.deepEqual([...members].sort(), [...EXPECTED].sort());
  assert.deepEqual(problems, ['zip-members-unlisted']);
});

test('names: UTF-8 flag, Unicode path, code page 437, Unix without a flag; hostile ones stay names', async () => {
  const old = Buffer.from([0x74, 0x94, 0x72]);
  const path = Buffer.from('tör', 'utf8');
  const unicode = Buffer.alloc(9 + path.length);
  unicode.writeUInt16LE(0x7075, 0);
  unicode.writeUInt16LE(5 + path.length, 2);
  unicode[4] = 1;
  unicode.writeUInt32LE(crc32(Buffer.from('t?r')), 5);
  path.copy(unicode, 9);
  const content = Buffer.from('x');
  const { members, problems } = await read(
    writeZip([
      { name: 'tör', content, flags: 0x800 },
      { name: old, content },
      { name: 't?r', content, extra: unicode },
      { name: 'tör', content, system: 3 },
      { name: '../../etc/passwd', content },
      { name: '/absolute//x', content },
      { name: 'C:\\Windows\\CON', content },
      { name: 'a\u001b[31m\u202e', content, flags: 0x800 },
      { name: '../../etc/passwd', content },
      { name: 'link', content: Buffer.from('/etc/passwd'), system: 3, attributes: 0xa1ff_0000 },
      { name: 'device', content: Buffer.alloc(0), system: 3, attributes: 0x21ff_0000 },
      { name: 'folder/', content: Buffer.alloc(0), method: 0 },
    ]),
  );
  assert.deepEqual(
    members.map((member) => member.split(' ').slice(0, 2).join(' ')),
    ['tör file', 'tör file', 'tör file', 'tör file', '\\../\\../etc/passwd file', 'absolute/x file', 'C:\\\\Windows\\\\CON file', 'a\\u{1b}[31m\\u{202e} file', '\\../\\../etc/passwd file', 'link link', 'device other', 'folder directory'],
  );
  assert.deepEqual(problems, ['zip-names-repeated']);
});

test('encrypted and unsupported members are named', async () => {
  const aes = Buffer.from('019907000200414503' + '0800', 'hex');
  const zip = writeZip([
    { name: 'a', content: TEXT, flags: 1 },
    { name: 'b', content: TEXT, flags: 1, method: 99, packed: TEXT, extra: aes },
    { name: 'c', content: TEXT, method: 6, packed: TEXT },
    { name: 'd', content: TEXT, flags: 0x41 },
  ]);
  const messages: string[] = [];
  for (const event of readZip(new MemorySource(zip), ContainerBudget.forContainer(zip.length))) if (event.type === 'problem') messages.push(`${event.problem.code}: ${event.problem.message}`);
  assert.deepEqual(messages, [
    'archive-encrypted: a is encrypted (ZipCrypto)',
    'archive-encrypted: b is encrypted (AES-256)',
    'zip-method-unsupported: c is packed by implode, which is not read',
    'archive-encrypted: d is encrypted (PKWARE strong encryption)',
  ]);
  assert.deepEqual((await read(zip)).members.map((member) => member.split(' ').at(-1)), ['archive-encrypted', 'archive-encrypted', 'zip-method-unsupported', 'archive-encrypted']);
});

test('deflate64 is read here; PPMd goes elsewhere as an archive of its own, and is named where nobody is there or can', async () => {
  // A stored block is the same in both kinds of deflate.
  const stored = Buffer.concat([Buffer.from([1, TEXT.length & 0xff, TEXT.length >> 8, ~TEXT.length & 0xff, (~TEXT.length >> 8) & 0xff]), TEXT]);
  const zip = writeZip([{ name: 'nine', content: TEXT, method: 9, packed: stored }, { name: 'ppmd', content: TEXT, method: 98, packed: Buffer.from('packed bytes') }, { name: 'locked', content: TEXT, method: 98, flags: 1, packed: TEXT }]);
  const given: Buffer[] = [];
  const listWith = (answer: () => Buffer): Promise<ContainerListing> =>
    listContainer(readZip(new MemorySource(zip), ContainerBudget.forContainer(zip.length), async function* (archive) {
      given.push(Buffer.alloc(archive.sizeBytes));
      archive.readInto(given.at(-1)!, 0);
      yield answer();
    }));
  const missing = (): never => {
    throw new UnsupportedError('program-not-installed', 'bsdtar is not installed');
  };
  const ends = async (listing: Promise<ContainerListing>): Promise<string[]> => (await listing).members.map((member) => member.split(' ').at(-1)!);
  assert.deepEqual(await ends(listWith(() => TEXT)), [sha1(TEXT), sha1(TEXT), 'archive-encrypted']);
  assert.deepEqual(await ends(listWith(() => TEXT.subarray(1))), [sha1(TEXT), 'zip-member-length', 'archive-encrypted']);
  assert.deepEqual(await ends(listWith(() => Buffer.alloc(TEXT.length))), [sha1(TEXT), 'zip-member-checksum', 'archive-encrypted']);
  assert.deepEqual(await ends(listWith(missing)), [sha1(TEXT), 'zip-method-unsupported', 'archive-encrypted']);
  assert.deepEqual(await ends(read(zip)), [sha1(TEXT), 'zip-method-unsupported', 'archive-encrypted']);
  // What goes there is a sound ZIP of one member: the same packed bytes, and nothing of its name.
  const single = Array.from(readZip(new MemorySource(given[0]!), ContainerBudget.forContainer(1000), async function* () {}), (event) => (event.type === 'member' ? `${memberPath(event.member.names)} ${event.member.sizeBytes}` : event.problem.code));
  assert.deepEqual(single, [`f ${TEXT.length}`]);
  assert.ok(given[0]!.includes('packed bytes') && !given[0]!.includes('ppmd'));
});

test('content is held against its stated length and checksum', async () => {
  const { members } = await read(
    writeZip([
      { name: 'sum', content: TEXT, statedCrc: 1 },
      { name: 'more', content: TEXT, statedSize: TEXT.length - 1 },
      { name: 'less', content: TEXT, statedSize: TEXT.length + 1 },
      { name: 'broken', content: TEXT, packed: Buffer.alloc(50, 0xff) },
      { name: 'cut', content: TEXT, packed: deflateRawSync(TEXT).subarray(0, 20) },
      { name: 'large', content: LARGE, statedSize: LARGE.length - 5 },
      { name: 'stored', content: TEXT, method: 0, statedCrc: 7 },
    ]),
  );
  assert.deepEqual(members.map((member) => member.split(' ').at(-1)), ['zip-member-checksum', 'zip-member-length', 'zip-member-length', 'deflate-damaged', 'deflate-damaged', 'zip-member-length', 'zip-member-checksum']);
});

test('overlapping members are told; a trap made of them is not unpacked', async () => {
  const zeros = Buffer.alloc(20_000_000);
  const first: ZipEntry = { name: 'kernel', content: zeros };
  const few = await read(writeZip([{ name: 'a', content: TEXT, method: 0 }, { name: 'b', content: TEXT, method: 0, sameAs: 0 }]));
  assert.deepEqual(few.problems, ['zip-members-overlap']);
  assert.equal(few.members[1], `b file readable ${sha1(TEXT)}`);
  const { members, problems, readBytes } = await read(writeZip([first, ...Array.from({ length: 300 }, (_, i): ZipEntry => ({ ...first, name: `k${i}`, sameAs: 0 }))]));
  assert.equal(members.length, 301);
  assert.equal(readBytes, 0);
  assert.ok(problems.includes('zip-members-overlap') && problems.filter((code) => code === 'zip-overlap-limit').length === 301);
});

test('limits are told by name: members, unpacked bytes, ratio', async () => {
  const many = writeZip(Array.from({ length: 30 }, (_, i): ZipEntry => ({ name: `f${i}`, content: TEXT })));
  const cut = await read(many, { ...CONTAINER_LIMITS, maxEntries: 10 });
  assert.equal(cut.members.length, 10);
  assert.deepEqual(cut.problems, ['container-entries-limit']);
  const bomb = writeZip([{ name: 'zeros', content: Buffer.alloc(8_000_000) }]);
  assert.match((await read(bomb, { ...CONTAINER_LIMITS, ratioFromBytes: 2_000_000 })).members[0]!, /container-ratio-limit$/);
  assert.match((await read(bomb, { ...CONTAINER_LIMITS, maxExpandedBytes: 3_000_000 })).members[0]!, /container-bytes-limit$/);
  assert.throws(() => Array.from({ length: 8 }).reduce<ContainerBudget>((budget) => budget.nested(), ContainerBudget.forContainer(1)), { code: 'container-depth-limit' });
});

test('office and e-book files are told as what they are', () => {
  const kind = (...names: string[]): string => {
    const zip = writeZip(names.map((name) => ({ name, content: TEXT })));
    const members = [...readZip(new MemorySource(zip), ContainerBudget.forContainer(zip.length))].flatMap((event) => (event.type === 'member' ? [event.member] : []));
    return zipKindOf(members);
  };
  assert.equal(kind('[Content_Types].xml', 'word/media/image1.jpeg'), 'office-open-xml');
  assert.equal(kind('mimetype', 'META-INF/container.xml', 'OEBPS/1.xhtml'), 'epub');
  assert.equal(kind('report.xml', 'files/Image/a.jpg'), 'cellebrite-report');
  assert.equal(kind('report.xml', 'a.jpg'), 'zip');
});

/** Name and SHA-1 of each member as yauzl reads them. */
function readByYauzl(path: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error);
      const found: string[] = [];
      zip.on('error', reject);
      zip.on('end', () => resolve(found));
      zip.on('entry', (entry: yauzl.Entry) => {
        if (entry.fileName.endsWith('/')) return zip.readEntry();
        zip.openReadStream(entry, (failure, stream) => {
          if (failure !== null) return reject(failure);
          const hash = createHash('sha1');
          stream.on('data', (piece: Buffer) => hash.update(piece));
          stream.on('end', () => {
            found.push(`${entry.fileName} file readable ${hash.digest('hex')}`);
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}

test('ZIPs of other programs: the same members and contents as yauzl and unzip give', { skip: spawnSync('which', ['zip', 'unzip', 'python3']).status === 0 ? false : 'zip, unzip or python3 not installed' }, async () => {
  const paths: string[] = [];
  const make = join(folder, 'make.py');
  writeFileSync(make, 'import sys, zipfile, bz2\nfor m in (0, 8, 12, 14):\n z = zipfile.ZipFile(f"{sys.argv[1]}/m{m}.zip", "w", m)\n for i in range(40): z.writestr(f"d{i%3}/f{i}.txt", ("goal %d " % i) * i * 90)\n z.close()\n');
  execFileSync('python3', [make, folder]);
  paths.push(...['m0', 'm8', 'm12', 'm14'].map((name) => join(folder, `${name}.zip`)));
  writeFileSync(join(folder, 'one.txt'), TEXT);
  execFileSync('sh', ['-c', 'cd "$1" && zip -q from-zip.zip one.txt make.py && cat one.txt | zip -q piped.zip -', 'sh', folder]);
  paths.push(join(folder, 'from-zip.zip'), join(folder, 'piped.zip'));
  for (const path of paths) {
    const ours = await read(readFileSync(path));
    assert.deepEqual(ours.problems, [], path);
    if (!/m1[24]/.test(path)) assert.deepEqual(ours.members, await readByYauzl(path), path);
    if (path.endsWith('m14.zip')) continue;
    // One in ten: each costs a process.
    for (const member of ours.members.filter((_, i) => i % 10 === 0)) {
      const [name, , , digest] = member.split(' ');
      assert.equal(sha1(execFileSync('unzip', ['-p', path, name!])), digest, `${path} ${name}`);
    }
  }
  assert.deepEqual((await read(readFileSync(join(folder, 'm14.zip')))).members, (await read(readFileSync(join(folder, 'm8.zip')))).members);
});
