import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { generatedBytes, writeE01 } from '@kerbside/corpus';
import { displayPath } from './display-name.ts';
import { openSource } from './open-source.ts';
import type { OpenFolder, OpenImage } from './source-contract.ts';
import { openLocator } from './sources/open-locator.ts';
import { verifyImage } from './sources/verify-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'kerbside-open-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const CONTENT = Buffer.concat([...generatedBytes(1, 500 * 512).chunks()]);
let places = 0;

/** A fresh folder, so that neighbours of one test are no segments of another. */
function place(): string {
  const path = join(folder, String(places++));
  mkdirSync(path);
  return path;
}

async function image(path: string): Promise<OpenImage> {
  const opened = await openSource(path);
  assert.equal(opened.form, 'image');
  return opened as OpenImage;
}

async function contentOf(path: string): Promise<Buffer> {
  const opened = await image(path);
  const again = openLocator(opened.locator);
  const bytes = Buffer.alloc(opened.facts.sizeBytes);
  const other = Buffer.alloc(opened.facts.sizeBytes);
  assert.deepEqual(opened.source.readInto(bytes, 0), []);
  assert.deepEqual(again.readInto(other, 0), []);
  assert.ok(bytes.equals(other), 'a worker sees the same bytes');
  again.close();
  await opened.close();
  return bytes;
}

function split(base: string, suffixes: readonly string[], pieceBytes: number): string[] {
  return suffixes.map((suffix, index) => {
    const path = `${base}${suffix}`;
    writeFileSync(path, CONTENT.subarray(index * pieceBytes, (index + 1) * pieceBytes));
    return path;
  });
}

async function refused(path: string, code: string, options: Parameters<typeof openSource>[1] = {}): Promise<void> {
  const error: unknown = await openSource(path, options).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof RefusedError, `${path}: ${String(error)}`);
  assert.equal(error.code, code);
  // Says what is wrong and, after a colon or semicolon, what to do.
  assert.match(error.message, /[:;,] .{10}|neither/);
}

test('a raw image opens whatever its name', async () => {
  const at = place();
  for (const name of ['disk.dd', 'disk.img', 'disk', 'holiday.2023', 'disk.120gb', 'x.dmg']) {
    writeFileSync(join(at, name), CONTENT);
    assert.ok((await contentOf(join(at, name))).equals(CONTENT), name);
  }
});

for (const suffixes of [['.001', '.002', '.003'], ['.000', '.001', '.002'], ['.aa', '.ab', '.ac'], ['.aaa', '.aab', '.aac']]) {
  test(`a split raw image opens from any of its segments: ${suffixes.join(' ')}`, async () => {
    const base = join(place(), 'disk');
    for (const path of split(base, suffixes, 200 * 512)) {
      const opened = await image(path);
      assert.equal(opened.facts.kind, 'split-raw');
      await opened.close();
      assert.ok((await contentOf(path)).equals(CONTENT));
    }
  });
}

test('a split image with a missing or odd-sized segment is refused', async () => {
  const base = join(place(), 'disk');
  const paths = split(base, ['.001', '.002', '.003'], 200 * 512);
  rmSync(paths[1]!);
  await refused(paths[0]!, 'split-segment-missing');
  const letters = split(join(place(), 'disk'), ['.aa', '.ab', '.ac'], 200 * 512);
  rmSync(letters[1]!);
  await refused(letters[0]!, 'split-segment-missing');
  const odd = split(join(place(), 'disk'), ['.001', '.002', '.003'], 200 * 512);
  truncateSync(odd[1]!, 100 * 512);
  await refused(odd[0]!, 'split-segment-odd-size');
  truncateSync(odd[1]!, 0);
  await refused(odd[0]!, 'source-empty');
});

test('an image that is no whole number of sectors opens with a problem', async () => {
  const path = join(place(), 'cut.dd');
  writeFileSync(path, CONTENT.subarray(0, 10_000));
  const opened = await image(path);
  assert.deepEqual(opened.problems.map((problem) => problem.code), ['source-odd-size']);
  await opened.close();
});

test('bad input is refused with what to do', async () => {
  const at = place();
  await refused(join(at, 'nothing-here'), 'source-not-found');
  writeFileSync(join(at, 'empty.dd'), '');
  await refused(join(at, 'empty.dd'), 'source-empty');
  await refused(at, 'source-is-folder', { expect: 'image' });
  writeFileSync(join(at, 'raw.dd'), CONTENT);
  await refused(join(at, 'raw.dd'), 'source-is-not-folder', { expect: 'folder' });
  writeFileSync(join(at, 'wrong.E01'), CONTENT);
  await refused(join(at, 'wrong.E01'), 'source-not-e01');
  await refused('/dev/null', 'source-not-file');
});

test('forms that are not read are named', async () => {
  const at = place();
  const heads: Record<string, [string, RegExp]> = {
    'a.Ex01': ['EVF2\r\n\x81\0', /Ex01/],
    'a.L01': ['LVF\t\r\n\xff\0', /L01/],
    'a.ad1': ['ADSEGMENTEDFILE\0', /AD1/],
    'a.aff': ['AFF10\r\n\0', /AFF/],
    'a.aff4': ['PK\x03\x04', /AFF4/],
    'a.dmg': ['encrcdsa', /encrypted DMG/],
  };
  for (const [name, [head, message]] of Object.entries(heads)) {
    writeFileSync(join(at, name), Buffer.concat([Buffer.from(head, 'latin1'), CONTENT]));
    await refused(join(at, name), 'source-form-unsupported');
    await assert.rejects(openSource(join(at, name)), { message });
  }
});

test('E01 segments missing, mixed up, repeated, surplus or cut short are refused', async () => {
  const make = (): readonly string[] => writeE01({ source: [CONTENT], sizeBytes: CONTENT.length, outBasePath: join(place(), 'disk'), segmentSizeBytes: 100_000, chunkSectors: 16 }).segmentPaths;
  const paths = make();
  assert.ok(paths.length >= 3);
  assert.ok((await contentOf(paths[1]!)).equals(CONTENT), 'opens from any segment');

  const middle = make();
  rmSync(middle[1]!);
  await refused(middle[0]!, 'ewf-segment-missing');
  const first = make();
  rmSync(first[0]!);
  await refused(first[1]!, 'ewf-segment-missing');
  const last = make();
  rmSync(last.at(-1)!);
  await refused(last[0]!, 'ewf-segment-missing');

  const swapped = make();
  renameSync(swapped[1]!, `${swapped[1]!}.tmp`);
  renameSync(swapped[2]!, swapped[1]!);
  renameSync(`${swapped[1]!}.tmp`, swapped[2]!);
  await refused(swapped[0]!, 'ewf-segment-order');
  const repeated = make();
  copyFileSync(repeated[0]!, repeated[1]!);
  await refused(repeated[0]!, 'ewf-segment-repeated');
  const surplus = make();
  linkSync(surplus[1]!, surplus.at(-1)!.replace(/\d\d$/, (digits) => String(Number(digits) + 1).padStart(2, '0')));
  await refused(surplus[0]!, 'ewf-segment-extra');

  for (const share of [0.3, 0.9, 0.999]) {
    const cut = make().at(-1)!;
    truncateSync(cut, Math.floor(statSync(cut).size * share));
    await refused(cut, 'ewf-truncated');
  }
});

test('a folder is walked in the order of bytes, links are not followed, names stay bytes', async () => {
  const at = place();
  mkdirSync(join(at, 'b'));
  mkdirSync(join(at, 'outside'));
  writeFileSync(join(at, 'outside', 'secret.txt'), 'x');
  const root = join(at, 'b');
  mkdirSync(join(root, 'dir'));
  writeFileSync(join(root, 'dir', 'two.txt'), 'two');
  writeFileSync(join(root, 'a.txt'), 'one');
  writeFileSync(Buffer.concat([Buffer.from(`${root}/z`), Buffer.from([0xff, 0x0a])]), 'odd');
  symlinkSync(join(at, 'outside'), join(root, 'link'));
  symlinkSync('.', join(root, 'self'));
  const opened = (await openSource(root)) as OpenFolder;
  const seen = [...opened.walk()].map((event) => (event.type === 'item' ? `${event.item.kind} ${displayPath('', event.item)} ${event.item.sizeBytes}` : event.type === 'problem' ? event.problem.code : event.type));
  assert.deepEqual(seen, ['file a.txt 3', 'directory dir 0', 'file dir/two.txt 3', `other link ${join(at, 'outside').length}`, 'other self 1', 'file z\\xff\\u{a} 3']);
  assert.deepEqual([...opened.walk()].length, seen.length, 'the walk can be made again');
  await opened.close();
});

const shared = resolve(import.meta.dirname, '../../../../shared/testdata/disk-images');
const tools = ['img_cat', 'ewfverify', 'ewfacquire'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (tools.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${tools.join(', ')}`);
const noTools = tools.length > 0 ? `not installed: ${tools.join(', ')} (sleuthkit, ewf-tools)` : false;
const noShared = noTools === false && !existsSync(shared) ? 'the shared test images are not beside the checkout' : noTools;

for (const name of ['dfvfs-ext2.E01', 'plaso-image-split.E01', 'velociraptor-test.ntfs.dd.E01']) {
  test(`as img_cat and ewfverify read it: ${name}`, { skip: noShared }, async () => {
    const path = join(shared, name);
    const expected = createHash('md5').update(execFileSync('img_cat', [path], { maxBuffer: 1 << 26 })).digest('hex');
    const opened = await image(path);
    const result = await verifyImage(opened);
    await opened.close();
    assert.equal(result.computed.md5, expected);
    assert.equal(result.outcome, 'match');
    assert.match(execFileSync('ewfverify', ['-q', path], { encoding: 'utf8' }), /SUCCESS/);
    assert.deepEqual(result.problems, []);
  });
}

test('a split raw image made by others', { skip: noShared }, async () => {
  const bytes = await contentOf(join(shared, 'dfvfs-ext2.splitraw.000'));
  assert.ok(bytes.equals(execFileSync('img_cat', [join(shared, 'dfvfs-ext2.E01')], { maxBuffer: 1 << 26 })));
});

for (const form of ['smart', 'ftk', 'encase2', 'encase5', 'encase6', 'linen6', 'ewfx']) {
  for (const compression of ['none', 'fast']) {
    test(`as ewfacquire writes it: ${form}, compression ${compression}`, { skip: noTools }, async () => {
      const at = place();
      const medium = Buffer.concat([...generatedBytes(4, 1_300_000).chunks(), Buffer.alloc(600_000), Buffer.from('Half time. '.repeat(20_000))]);
      const raw = medium.subarray(0, Math.floor(medium.length / 512) * 512);
      writeFileSync(join(at, 'medium'), raw);
      execFileSync('ewfacquire', ['-u', '-q', '-f', form, '-c', compression, '-S', '1048576', '-d', 'sha1', '-t', join(at, 'disk'), join(at, 'medium')], { stdio: 'ignore' });
      const first = join(at, form === 'smart' ? 'disk.s01' : form === 'ewfx' ? 'disk.e01' : 'disk.E01');
      const opened = await image(first);
      const result = await verifyImage(opened);
      await opened.close();
      assert.equal(result.computed.md5, createHash('md5').update(raw).digest('hex'));
      assert.equal(result.stored.md5, result.computed.md5);
      assert.deepEqual(result.problems, []);
      assert.ok((await contentOf(first)).equals(raw));
    });
  }
}

test('opening and verifying changes nothing of an image', async () => {
  const made = writeE01({ source: [CONTENT], sizeBytes: CONTENT.length, outBasePath: join(place(), 'disk') });
  const path = made.segmentPaths[0]!;
  const before = { bytes: readFileSync(path), stats: statSync(path) };
  const opened = await image(path);
  await verifyImage(opened);
  await opened.close();
  const after = statSync(path);
  assert.deepEqual([after.mtimeMs, after.atimeMs, after.size], [before.stats.mtimeMs, before.stats.atimeMs, before.stats.size]);
  assert.ok(readFileSync(path).equals(before.bytes));
});
