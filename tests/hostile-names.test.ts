/*
 * Names from the evidence are hostile: they climb, they speak to the terminal, they turn the line
 * around, they are markup, they are no text at all. None of it may reach an output as it is, nothing
 * may be written outside the out folder, and the files are found all the same.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { createMemoryImage, generatedBytes, readFileChunks, writeE01, writeExfatVolume, writeExtVolume, writeFatVolume, writeNtfsVolume, type CorpusFile } from '@kerbside/corpus';
import { compileSet } from './support/make-device.ts';
import { kerbsideOften as kerbside } from './support/kerbside-in-thread.ts';
import { digestFile, makeFolder, parseListing, readReport } from './support/run-kerbside.ts';

const folder = makeFolder();
after(() => folder[Symbol.dispose]());

const MIB = 1024 * 1024;
const at = (...names: string[]): string => join(folder.path, ...names);

/** What no output may hold: controls, line and direction marks, zero-width marks. Line feeds are checked apart. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0009\u000b-\u001f]/u;

const ESC = '\u001b';
/** Names of 12 to 40 bytes, as bytes; the same kinds on every file system that can hold them. */
const HOSTILE: readonly Buffer[] = [
  Buffer.from('..'),
  Buffer.from('../../../etc/cron.d/kerbside'),
  Buffer.from('/etc/passwd-'),
  Buffer.from('C:\\Windows\\x.dll'),
  Buffer.from('nul\0inside.jpg'),
  Buffer.from('rtl\u202egpj.exe'),
  Buffer.from('line\nbreak\r.jpg'),
  Buffer.from(`${ESC}[2J${ESC}[31mred.jpg`),
  Buffer.from(`${ESC}]0;title\u0007.jpg`),
  Buffer.from('csi\u009b31m.jpg'),
  Buffer.from([0x66, 0xff, 0xfe, 0xc0, 0xaf, 0x2e, 0x6a, 0x70, 0x67, 0xed, 0xa0, 0x80]),
  Buffer.from('<img src=x onerror=alert(1)>.jpg'),
  Buffer.from('"onload="x`${1}`&amp;\'.jpg'),
  Buffer.from('zero\u200bwidth\ufeff.jpg'),
  Buffer.from('line\u2028sep\u2029.jpg'),
];

/** A stand-in of a name's length that a writer accepts, unlike any other. */
function standIn(length: number, n: number): string {
  return length < 3 ? 'qz'.slice(0, length) : `${String.fromCharCode(97 + n)}qz${'k'.repeat(Math.max(0, length - 3))}`.slice(0, length);
}

function contentOf(n: number): Buffer {
  return Buffer.concat([...generatedBytes(900 + n, 3000 + n).chunks()]);
}

const known = HOSTILE.map((_, n) => createHash('sha1').update(contentOf(n)).digest('hex'));
const set = compileSet(at('known.kset'), known);

/** Puts the hostile names into an image in place of their stand-ins, in every copy of the name. */
function plant(image: Buffer, names: readonly { readonly from: Buffer; readonly to: Buffer }[]): void {
  for (const { from, to } of names) {
    assert.equal(from.length, to.length);
    let planted = 0;
    for (let found = image.indexOf(from); found >= 0; found = image.indexOf(from, found + from.length)) {
      to.copy(image, found);
      planted += 1;
    }
    assert.ok(planted > 0, `${from.toString('latin1')} is not in the image`);
  }
}

/** Runs every command over the source and checks all that comes out; returns the report. */
function examine(name: string, path: string, more: readonly string[] = []): ReturnType<typeof readReport> {
  const before = new Set(filesBelow(folder.path));
  const out = at(`run-${name}`);
  const run = kerbside(['triage', path, '--set', set, ...more, '--out', out]);
  assert.equal(run.status, 10, `${name}: ${run.stderr}`);
  const asJson = kerbside(['triage', path, '--set', set, ...more, '--out', `${out}-json`, '--json']);
  const plainList = kerbside(['list', path]);
  const jsonList = kerbside(['list', path, '--hash', 'sha1', '--json']);
  assert.deepEqual([asJson.status, plainList.status, jsonList.status], [10, 0, 0], `${asJson.stderr}${plainList.stderr}${jsonList.stderr}`);
  const html = readFileSync(join(out, 'report.html'), 'utf8');
  const json = readFileSync(join(out, 'report.json'), 'utf8');
  const outputs = { stdout: run.stdout, stderr: run.stderr, 'triage --json': asJson.stdout, list: plainList.stdout, 'list --json': jsonList.stdout, 'report.html': html, 'report.json': json };
  for (const [output, text] of Object.entries(outputs)) {
    // A set's own name and codes stand in report.json as they are; a program reads it.
    const found = (name === 'texts' && output === 'report.json' ? CONTROLS : UNSAFE).exec(text);
    assert.equal(found, null, `${name}: ${output} holds U+${found?.[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(text.slice(Math.max(0, (found?.index ?? 0) - 60), (found?.index ?? 0) + 20))}`);
    if (name !== 'texts') assert.doesNotMatch(text, /\ufffd/, `${name}: ${output} holds a replacement character`);
  }
  for (const text of [asJson.stdout, jsonList.stdout]) for (const line of text.trimEnd().split('\n')) JSON.parse(line);
  // A person's lines: one an item or problem, and the summary.
  const listing = parseListing(jsonList.stdout);
  assert.ok(plainList.stdout.split('\n').length <= listing.items.length + listing.problems.length + 12, `${name}: a name broke a line of the listing`);
  assert.doesNotMatch(html, /<img|<script|onerror=alert\(1\)>|"onload="/, `${name}: markup from a name`);
  const report = readReport(out);
  for (const path of [...report.hits.map((hit) => hit.path), ...listing.items.map((item) => item.path)]) {
    assert.ok(path.split('/').every((part) => part !== '..' && part !== '.' && part !== ''), path);
  }
  const strange = filesBelow(folder.path).filter((file) => !before.has(file) && file !== out && !file.startsWith(`${out}/`) && !file.startsWith(`${out}-json`));
  assert.deepEqual(strange, [], 'something was written outside the out folder');
  return report;
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => [join(path, entry.name), ...(entry.isDirectory() ? filesBelow(join(path, entry.name)) : [])]);
}

function assertAllFound(report: ReturnType<typeof readReport>, digests: readonly string[]): void {
  assert.deepEqual([...new Set(report.hits.map((hit) => hit.digest))].sort(), [...digests].sort());
  assert.equal(new Set(report.hits.map((hit) => hit.path)).size, digests.length, 'two names look alike');
}

test('ext2: names are any bytes', () => {
  const image = createMemoryImage(8 * MIB);
  const tree = HOSTILE.map((name, n): CorpusFile => ({ path: `docs/${standIn(name.length, n)}`, content: contentOf(n) }));
  writeExtVolume({ variant: 'ext2', sizeBytes: 8 * MIB, blockSizeBytes: 1024, label: `${ESC}[5mLAB`, seed: 1, tree, sink: image });
  // The real ".." stands in every folder; the false one is planted with its length and type before it.
  plant(image.bytes, HOSTILE.map((to, n) => ({ from: Buffer.concat([Buffer.from([to.length, 1]), Buffer.from(standIn(to.length, n))]), to: Buffer.concat([Buffer.from([to.length, 1]), to]) })));
  writeFileSync(at('ext2.img'), image.bytes);
  const before = digestFile(at('ext2.img'));
  const report = examine('ext2', at('ext2.img'));
  // A second ".." in a folder is what a damaged folder has; it may be left out, if that is told.
  const found = new Set(report.hits.map((hit) => hit.digest));
  const lost = known.filter((digest) => !found.has(digest));
  assert.ok(lost.length === 0 || (lost.length === 1 && lost[0] === known[0] && report.problems.length > 0), `${lost.length} not found`);
  assert.equal(new Set(report.hits.map((hit) => hit.path)).size, found.size, 'two names look alike');
  assert.equal(digestFile(at('ext2.img')), before);
});

const asUtf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** The names that can be UTF-16, and one of lone surrogates. */
const HOSTILE_TEXTS = HOSTILE.map((name, n) => (n === 10 ? 'lone\ud800\udfffx\udc00.jpg' : name.toString('utf8')));

for (const kind of ['ntfs', 'exfat'] as const) {
  test(`${kind}: names are any 16-bit units`, () => {
    const image = createMemoryImage(16 * MIB);
    const tree = HOSTILE_TEXTS.map((name, n): CorpusFile => ({ path: `docs/${standIn(name.length + 3, n)}`, content: contentOf(n) }));
    const common = { sizeBytes: 16 * MIB, label: '\u202eLAB', seed: 1, tree, sink: image };
    if (kind === 'ntfs') writeNtfsVolume(common);
    else writeExfatVolume({ ...common, clusterSizeBytes: 4096 });
    // Three more units, so that no stand-in is too short to be unlike everything else; 15 units are one exFAT entry.
    plant(image.bytes, HOSTILE_TEXTS.map((name, n) => {
      const from = asUtf16(standIn(name.length + 3, n)).subarray(0, kind === 'exfat' ? 30 : undefined);
      return { from, to: asUtf16(`${name}abc`).subarray(0, from.length) };
    }));
    writeFileSync(at(`${kind}.img`), image.bytes);
    assertAllFound(examine(kind, at(`${kind}.img`)), known);
  });
}

test('a folder: whatever the host allows', () => {
  const root = at('folder\u001b[31m\u202e<img src=x>');
  mkdirSync(root);
  const names = HOSTILE.map((name, n) => (n === 0 ? Buffer.from(' ') : Buffer.from(name.map((byte) => (byte === 0x2f || byte === 0 ? 0x2b : byte)))));
  for (const [n, name] of names.entries()) writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), contentOf(n));
  assertAllFound(examine('folder', root), known);
});

test('300 folders deep: found with the whole path, on three file systems', () => {
  const deep = `${Array.from({ length: 300 }, (_, n) => `d${n}`).join('/')}/known.jpg`;
  const tree: CorpusFile[] = [{ path: deep, content: contentOf(3) }];
  const kinds: Readonly<Record<string, (image: ReturnType<typeof createMemoryImage>) => void>> = {
    ext4: (sink) => writeExtVolume({ variant: 'ext4', sizeBytes: 16 * MIB, blockSizeBytes: 1024, label: 'DEEP', seed: 1, tree, sink }),
    ntfs: (sink) => writeNtfsVolume({ sizeBytes: 16 * MIB, label: 'DEEP', seed: 1, tree, sink }),
    fat: (sink) => writeFatVolume({ fatBits: 16, sizeBytes: 16 * MIB, clusterSizeBytes: 2048, seed: 1, tree, sink }),
  };
  for (const [kind, write] of Object.entries(kinds)) {
    const image = createMemoryImage(16 * MIB);
    write(image);
    writeFileSync(at(`deep-${kind}.img`), image.bytes);
    const report = examine(`deep-${kind}`, at(`deep-${kind}.img`));
    assert.deepEqual(report.hits.map((hit) => hit.path.toLowerCase()), [`p1/${deep}`], kind);
  }
});

test('texts that come with an image, a list or the command line are as hostile as names', () => {
  const image = createMemoryImage(8 * MIB);
  writeFatVolume({ fatBits: 16, sizeBytes: 8 * MIB, clusterSizeBytes: 1024, seed: 1, tree: [{ path: 'A.JPG', content: contentOf(1) }], sink: image });
  writeFileSync(at('plain.img'), image.bytes);
  const text = `${ESC}[31m<img src=x onerror=alert(1)>\u202e\nsecond line`;
  const e01 = writeE01({ source: readFileChunks(at('plain.img')), sizeBytes: 8 * MIB, outBasePath: at('case'), about: { description: text, examiner: text, evidenceNumber: text } });
  const list = at(`list ${ESC}[7m<img>.csv`);
  writeFileSync(list, `sha1,category\n${known[1]},"${ESC}[31m<img src=x onerror=alert(1)>\u202e"\n${'12'.repeat(20)},\u0007\n`);
  const build = kerbside(['set', 'build', at('texts.kset'), '--from', list, '--meaning', 'reference', '--name', text]);
  assert.equal(build.status, 0, build.stderr);
  const info = kerbside(['set', 'info', at('texts.kset')]);
  const lookup = kerbside(['set', 'lookup', at('texts.kset'), known[1]!, `zz${ESC}[31m`]);
  for (const [what, output] of Object.entries({ build: build.stdout + build.stderr, info: info.stdout, lookup: lookup.stdout + lookup.stderr })) {
    const found = UNSAFE.exec(output);
    assert.equal(found, null, `set ${what}: ${JSON.stringify(output.slice(Math.max(0, (found?.index ?? 0) - 60), (found?.index ?? 0) + 20))}`);
  }
  examine('texts', e01.segmentPaths[0]!, ['--set', at('texts.kset')]);
  const refused = kerbside(['triage', at(`no${ESC}[31m\u202e.img`), '--set', set, '--out', at('never')]);
  assert.equal(refused.status, 2);
  assert.equal(UNSAFE.exec(refused.stderr), null, JSON.stringify(refused.stderr));
  const unknown = kerbside([`do${ESC}[31m`]);
  assert.equal(UNSAFE.exec(unknown.stderr), null, JSON.stringify(unknown.stderr));
});
