import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { makeRandom } from '../random.ts';
import type { NtfsFile } from './ntfs-file.ts';
import { writeNtfsVolume, type NtfsVolume } from './write-ntfs-volume.ts';

const missing = ['fls', 'icat', 'ntfsfix', 'ntfscat'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${missing.join(', ')}`);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')} (sleuthkit, ntfs-3g)` : false;

function noise(seed: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  makeRandom(seed).fill(bytes);
  return bytes;
}

const MIXED = Buffer.concat([Buffer.from('The ball is in the net. '.repeat(6000)), noise(1, 70_000), Buffer.alloc(150_000), Buffer.from('Full time. '.repeat(500))]);

const FILES: NtfsFile[] = [
  { path: 'small.txt', content: Buffer.from('kick-off at three\n') },
  { path: 'empty.dat', content: Buffer.alloc(0) },
  { path: 'DCIM/100CANON/IMG_0001.JPG', content: noise(2, 50_001), fragments: 4 },
  { path: 'DCIM/100CANON/IMG_0002.JPG', content: noise(3, 40_000), deleted: true },
  { path: 'packed.txt', content: MIXED, compressed: true, fragments: 3 },
  { path: 'listed.bin', content: noise(4, 300_000), fragments: 20, attributeList: true },
  { path: 'listed-outside.bin', content: noise(5, 1_300_000), fragments: 300, attributeList: true, nonResidentAttributeList: true },
  { path: 'many-runs.bin', content: noise(6, 900_000), fragments: 200 },
  { path: 'sparse.bin', content: Buffer.concat([noise(7, 65_536), Buffer.alloc(131_072), noise(8, 5000)]), holes: [{ offsetBytes: 65_536, lengthBytes: 131_072 }] },
  { path: 'links/one.txt', content: Buffer.from('one file, three names'), hardLinks: ['links/two.txt', 'three.txt'] },
  { path: 'A rather long name.txt', content: Buffer.from('has a short one'), shortName: 'ARATHE~1.TXT' },
  { path: 'gone/inside.bin', content: noise(9, 9000), deleted: true },
];
const STREAMED: NtfsFile = { path: 'streams.txt', content: Buffer.from('main'), streams: [{ name: 'Zone.Identifier', content: Buffer.from('ZoneId=3') }, { name: 'large', content: noise(10, 20_000) }] };
const INITIALISED: NtfsFile = { path: 'initialised.bin', content: noise(11, 20_000), initialisedBytes: 7000 };
const PACKED_BY_WINDOWS: NtfsFile = { path: 'calc.exe', content: noise(12, 9000), wof: true };
const MANY = Array.from({ length: 1500 }, (_, i): NtfsFile => ({ path: `many/match report number ${i}.txt`, content: Buffer.from(`report ${i}`) }));

function makeVolume(path: string, clusterSizeBytes: number, mftFragments: number): NtfsVolume {
  const sizeBytes = (48 << 20) + 512;
  const file = openSync(path, 'w');
  try {
    ftruncateSync(file, sizeBytes);
    return writeNtfsVolume({
      sizeBytes,
      clusterSizeBytes,
      label: 'Corpus',
      seed: 5,
      tree: [...FILES.map((entry) => (clusterSizeBytes > 4096 ? { ...entry, compressed: false } : entry)), STREAMED, INITIALISED, PACKED_BY_WINDOWS, ...MANY],
      deletedFolders: ['gone'],
      emptyFolders: ['nothing here'],
      mftFragments,
      sink: { write: (bytes, offset) => void writeSync(file, bytes, 0, bytes.length, offset) },
    });
  } finally {
    closeSync(file);
  }
}

for (const [clusterSizeBytes, mftFragments] of [[512, 1], [4096, 3], [65536, 1]] as const) {
  describe(`writeNtfsVolume with clusters of ${clusterSizeBytes} bytes`, { skip }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'corpus-ntfs-'));
    const image = join(folder, 'volume.img');
    let volume: NtfsVolume;
    before(() => {
      volume = makeVolume(image, clusterSizeBytes, mftFragments);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));
    const icat = (address: string): Buffer => execFileSync('icat', [image, address], { maxBuffer: 1 << 26 });

    it('lists every name in The Sleuth Kit', () => {
      const lines = execFileSync('fls', ['-r', '-p', image], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
      const names = new Set(lines.map((line) => line.slice(line.indexOf('\t') + 1)));
      for (const file of [...FILES, STREAMED, INITIALISED, ...MANY]) {
        for (const path of [file.path, ...(file.hardLinks ?? [])]) assert.ok(names.has(path), path);
      }
      assert.ok(names.has('streams.txt:Zone.Identifier') && names.has('streams.txt:large') && names.has('nothing here'));
      for (const file of FILES.filter((entry) => entry.deleted === true)) {
        assert.ok(lines.some((line) => line.includes(' * ') && line.endsWith(file.path)), `${file.path} is marked deleted`);
      }
      assert.equal(lines.filter((line) => line.includes('match report')).length, MANY.length);
    });

    it('gives every content back through The Sleuth Kit', () => {
      for (const file of [...FILES, MANY[700]!, MANY[1499]!]) {
        assert.ok(icat(String(volume.records.get(file.path))).equals(file.content as Buffer), file.path);
      }
      const record = volume.records.get('streams.txt');
      assert.deepEqual([4, 5].map((identifier) => icat(`${record}-128-${identifier}`).length), [8, 20_000]);
      const zeroed = Buffer.from(INITIALISED.content as Buffer).fill(0, 7000);
      assert.ok(icat(String(volume.records.get('initialised.bin'))).equals(zeroed));
    });

    it('marks a file packed by Windows with its reparse point', () => {
      const about = execFileSync('istat', [image, String(volume.records.get('calc.exe'))], { encoding: 'utf8' });
      assert.match(about, /\$REPARSE_POINT \(192/);
      assert.match(about, /WofCompressedData[^\n]*size: 9000/);
      assert.match(about, /\$DATA \(128-\d+\)[^\n]*Sparse[^\n]*size: 18000/);
    });

    it('satisfies ntfs-3g', () => {
      assert.match(execFileSync('ntfsfix', ['-n', image], { encoding: 'utf8' }), /processed successfully/);
      for (const file of FILES.filter((entry) => entry.deleted !== true)) {
        assert.ok(execFileSync('ntfscat', [image, file.path], { maxBuffer: 1 << 26 }).equals(file.content as Buffer), file.path);
      }
    });
  });
}

describe('writeNtfsVolume', () => {
  it('is deterministic', () => {
    const write = (): Buffer => {
      const image = Buffer.alloc(4 << 20);
      writeNtfsVolume({ sizeBytes: image.length, label: 'Same', seed: 9, tree: FILES.slice(0, 4), sink: { write: (bytes, offset) => image.set(bytes, offset) } });
      return image;
    };
    assert.ok(write().equals(write()));
  });

  it('says when the volume is full', () => {
    const tree = [{ path: 'big.bin', content: Buffer.alloc(4 << 20) }];
    assert.throws(() => writeNtfsVolume({ sizeBytes: 4 << 20, label: 'Full', seed: 1, tree, sink: { write: () => undefined } }), /volume full/);
  });
});
