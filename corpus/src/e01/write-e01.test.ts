import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { generatedBytes } from '../documents/generated-bytes.ts';
import { segmentExtension } from './segment-name.ts';
import { writeE01 } from './write-e01.ts';

const missing = ['ewfverify', 'ewfinfo', 'img_cat'].filter((tool) => spawnSync('which', [tool]).status !== 0);
if (missing.length > 0 && process.env['KERBSIDE_REQUIRE_TOOLS'] === '1') throw new Error(`tools missing: ${missing.join(', ')}`);
const skip = missing.length > 0 ? `not installed: ${missing.join(', ')} (ewf-tools, sleuthkit)` : false;

const folder = mkdtempSync(join(tmpdir(), 'corpus-e01-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Noise, text and zeros; the last chunk is short. */
const CONTENT = Buffer.concat([...generatedBytes(1, 1_500_000).chunks(), Buffer.from('Full time. '.repeat(50_000)), Buffer.alloc(700_000), Buffer.alloc(2_750_976 - 2_750_000)]);

for (const [name, shape] of Object.entries({
  stored: {},
  compressed: { compress: true },
  segmented: { compress: true, segmentSizeBytes: 200_000, chunkSectors: 16 },
  errors: { unreadSectors: [{ startSector: 100, sectors: 8 }, { startSector: 4000, sectors: 1 }] },
})) {
  it(`writes an E01 that libewf verifies: ${name}`, { skip }, () => {
    const written = writeE01({ source: [CONTENT.subarray(0, 777_777), CONTENT.subarray(777_777)], sizeBytes: CONTENT.length, outBasePath: join(folder, name), ...shape });
    const first = written.segmentPaths[0]!;
    assert.equal(written.md5, createHash('md5').update(CONTENT).digest('hex'));
    assert.match(execFileSync('ewfverify', ['-q', '-d', 'sha1', first], { encoding: 'utf8' }), /SUCCESS/);
    assert.ok(execFileSync('img_cat', [first], { maxBuffer: 1 << 26 }).equals(CONTENT));
    const about = execFileSync('ewfinfo', [first], { encoding: 'utf8' });
    assert.match(about, new RegExp(`MD5:\\s+${written.md5}[^]*SHA1:\\s+${written.sha1}`));
    if (name === 'segmented') {
      assert.ok(written.segmentPaths.length > 5);
      for (const path of written.segmentPaths) assert.ok(statSync(path).size <= 200_000, path);
    }
    if (name === 'errors') assert.match(about, /total number of.*2|Read errors[^]*4000/i);
  });
}

it('writes the same bytes for the same input', () => {
  const write = (base: string): Buffer => readFileSync(writeE01({ source: [CONTENT], sizeBytes: CONTENT.length, outBasePath: join(folder, base), compress: true }).segmentPaths[0]!);
  assert.ok(write('same-1').equals(write('same-2')));
  assert.ok(readdirSync(folder).length > 0);
});

it('refuses a source of another length', () => {
  assert.throws(() => writeE01({ source: [CONTENT], sizeBytes: CONTENT.length + 512, outBasePath: join(folder, 'short') }), /stated/);
});

it('names segments as EnCase does', () => {
  assert.deepEqual([1, 99, 100, 101, 126, 775, 776].map(segmentExtension), ['E01', 'E99', 'EAA', 'EAB', 'EBA', 'EZZ', 'FAA']);
});
