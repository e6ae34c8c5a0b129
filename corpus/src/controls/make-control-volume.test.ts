import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BLOCK_BYTES, commonBlocks } from './control-contents.ts';
import type { ControlSpecimen } from './control-specimen.ts';
import { makeControlVolume, type ControlVolume } from './make-control-volume.ts';

const tools = ['mmls', 'fls', 'icat', 'fsck.vfat', 'fsck.exfat', 'ntfsinfo', 'ntfscat', 'e2fsck'];
const missing = tools.filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${missing.join(', ')}`);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')}` : false;

const folder = mkdtempSync(join(tmpdir(), 'corpus-control-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'control.img');

let made: ControlVolume;
let image: Buffer;
before(() => {
  made = makeControlVolume(path);
  image = readFileSync(path);
});

function stored(specimen: ControlSpecimen): Buffer {
  return Buffer.concat(specimen.ranges.map(({ offset, length }) => image.subarray(offset, offset + length)));
}

/** Digests of the whole blocks of some bytes, at any sector. */
function blocksAtAnySector(bytes: Buffer): string[] {
  const digests: string[] = [];
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; at += 512) digests.push(hash('md5', bytes.subarray(at, at + BLOCK_BYTES)));
  return digests;
}

/** Digests of the blocks that sets know: on the content's own grid. */
function ownBlocks(bytes: Buffer): string[] {
  return blocksAtAnySector(bytes).filter((_, sector) => sector % 8 === 0);
}

describe('the control volume', () => {
  it('is always the same, and small', () => {
    const again = join(folder, 'again.img');
    const second = makeControlVolume(again);
    assert.ok(readFileSync(again).equals(image));
    assert.deepEqual(second, made);
    assert.ok(made.sizeBytes === image.length && image.length <= 24 << 20);
  });

  it('has markers and look-alikes for every lane on every file system, each named once', () => {
    assert.equal(new Set(made.specimens.map(({ name }) => name)).size, made.specimens.length);
    for (const fileSystem of ['FAT', 'exFAT', 'NTFS', 'ext4']) {
      const own = made.specimens.filter(({ name }) => name.startsWith(`${fileSystem}: `));
      for (const lane of ['file', 'survey', 'carving']) assert.ok(own.some((one) => one.lane === lane && one.expected === 'hit'), `${fileSystem} ${lane}`);
      assert.ok(own.some(({ expected }) => expected === 'no-hit'), fileSystem);
    }
  });

  it('holds each specimen where it says', () => {
    const contents = new Map(made.known.map(({ content }) => [hash('sha1', content), content]));
    for (const specimen of made.specimens) {
      const whole = contents.get(specimen.sha1);
      assert.equal(whole !== undefined, specimen.expected === 'hit' && specimen.lane !== 'near', `${specimen.name}: only markers are known`);
      if (specimen.ranges.length === 0) continue;
      const bytes = stored(specimen);
      if (whole === undefined || specimen.lane !== 'survey') assert.equal(hash('sha1', bytes), specimen.sha1, specimen.name);
      else assert.ok(blocksAtAnySector(bytes).filter((digest) => ownBlocks(whole).includes(digest)).length >= 8, `${specimen.name}: enough of its blocks`);
    }
  });

  it('gives every file known to blocks at least eight blocks a piece, on a grid, and unlike all others', () => {
    for (const { name, lane, expected, ranges } of made.specimens) {
      if (lane !== 'survey' || expected !== 'hit') continue;
      for (const range of ranges) assert.ok(range.length >= 8 * BLOCK_BYTES && range.offset % 512 === 0, name);
    }
    const seen = new Map<string, string>();
    const common = new Set(commonBlocks().map((block) => hash('md5', block)));
    for (const { fileName, content } of made.known) {
      for (const digest of ownBlocks(content)) {
        if (common.has(digest)) continue;
        assert.ok(!seen.has(digest), `${fileName} shares a block with ${seen.get(digest)}`);
        seen.set(digest, fileName);
      }
    }
    assert.ok(seen.size > 400);
  });

  it('has look-alikes with lengths that are known, and no block that is, but common ones', () => {
    const common = new Set(commonBlocks().map((block) => hash('md5', block)));
    const known = new Set(made.known.flatMap(({ content }) => ownBlocks(content)));
    const lengths = new Set(made.known.map(({ content }) => content.length));
    const lookAlikes = made.specimens.filter(({ expected }) => expected === 'no-hit');
    assert.ok(lookAlikes.length >= 8);
    for (const specimen of lookAlikes) {
      // What looks like a known picture is compared whatever its length.
      if (specimen.path !== null && specimen.lane !== 'near') assert.ok(lengths.has(specimen.sizeBytes), `${specimen.name}: the size gate lets it through`);
      const shared = blocksAtAnySector(stored(specimen)).filter((digest) => known.has(digest) && !common.has(digest)).length;
      // A copy with one byte changed is known by its blocks, and is a marker of that lane.
      assert.equal(shared > 0, made.specimens.some((one) => one.expected === 'hit' && one.path === specimen.path && one.path !== null), specimen.name);
    }
    assert.ok([...common].filter((digest) => known.has(digest)).length === common.size, 'a marker holds every common block');
  });

  it('has altered copies of a picture that itself stands nowhere, one of them in a container, and one that only looks like it', () => {
    const near = made.specimens.filter(({ lane }) => lane === 'near');
    const copies = near.filter(({ expected }) => expected === 'hit');
    assert.ok(copies.length >= 3 && copies.some(({ path: shown }) => shown?.includes('/\\[zip]/')) && copies.length === near.length - 1);
    for (const { name, sha1, sizeBytes, ranges } of copies) assert.deepEqual([sha1, sizeBytes, ranges], [hash('sha1', made.nearKnown), made.nearKnown.length, []], name);
    assert.equal(image.indexOf(made.nearKnown.subarray(0, 2048)), -1);
  });

  it('passes the checkers of all four file systems', { skip }, () => {
    const parts = made.volumeOffsets.map((offset, n) => {
      const part = join(folder, `part${n + 1}.img`);
      writeFileSync(part, image.subarray(offset, made.volumeOffsets[n + 1] ?? image.length - (1 << 20)));
      return part;
    });
    execFileSync('fsck.vfat', ['-n', parts[0]!]);
    execFileSync('fsck.exfat', ['-n', parts[1]!]);
    assert.match(execFileSync('ntfsinfo', ['-m', parts[2]!], { encoding: 'utf8' }), /Volume Name: CONTROL 3/);
    const packed = made.specimens.find(({ name }) => name === 'NTFS: compressed file')!;
    const unpacked = execFileSync('ntfscat', [parts[2]!, packed.path!.slice(3)]);
    assert.equal(hash('sha1', unpacked), packed.sha1);
    execFileSync('e2fsck', ['-fn', parts[3]!], { stdio: 'ignore' });
  });

  it('is read by The Sleuth Kit with every marker at its path', { skip }, () => {
    const starts = [...execFileSync('mmls', ['-a', path], { encoding: 'utf8' }).matchAll(/^\d+:\s+\d+:\d+\s+(\d+)/gm)].map((row) => Number(row[1]) * 512);
    assert.deepEqual(starts, made.volumeOffsets);
    let checked = 0;
    for (const [n, start] of starts.entries()) {
      const offset = String(start / 512);
      const listing = execFileSync('fls', ['-r', '-p', '-o', offset, path], { encoding: 'utf8' }).split('\n');
      for (const { name, lane, path: shown, sha1 } of made.specimens) {
        if (lane !== 'file' || shown?.startsWith(`p${n + 1}/`) !== true) continue;
        const inode = /([\d-]+)(?:\(realloc\))?:\t/.exec(listing.find((row) => row.endsWith(`\t${shown.slice(3)}`)) ?? '')?.[1];
        assert.ok(inode !== undefined, `${name} is listed`);
        const content = execFileSync('icat', ['-r', '-o', offset, path, inode], { maxBuffer: 1 << 28 });
        assert.equal(hash('sha1', content), sha1, name);
        checked += 1;
      }
    }
    assert.ok(checked >= 20, String(checked));
  });
});
