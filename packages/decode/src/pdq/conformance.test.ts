import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { decodeRaster } from './decode-raster.ts';
import { hashJpegFast } from './hash-jpeg-fast.ts';
import { hashRaster } from './hash-raster.ts';
import { hammingDistance, hashToText } from './hash-text.ts';
import { DIALECTS } from './picture-hashes.ts';

const FOLDER = new URL('../../../../../shared/testdata/pdq/', import.meta.url);
const absent = existsSync(new URL('expected.csv', FOLDER)) ? false : 'shared/testdata/pdq is not on this machine';

function expected(): { file: string; size: string; quality: number; '512nn': string; full: string }[] {
  const [, ...rows] = readFileSync(new URL('expected.csv', FOLDER), 'utf8').trim().split('\n');
  return rows.map((row) => {
    const [file = '', width = '', height = '', quality = '', nearest = '', full = ''] = row.trim().split(',');
    return { file, size: `${width} × ${height}`, quality: Number(quality), '512nn': nearest, full };
  });
}

describe('PDQ against the reference implementation', { skip: absent }, () => {
  it('differs in no bit, in neither dialect, on any file', async () => {
    const rows = expected();
    assert.ok(rows.length >= 20);
    for (const { file, size, quality, ...hashes } of rows) {
      const { raster, lowTrust } = await decodeRaster(readFileSync(new URL(file, FOLDER)));
      assert.equal(`${raster.width} × ${raster.height}`, size, file);
      assert.equal(lowTrust, false);
      const { dialects } = hashRaster(raster);
      for (const dialect of DIALECTS) {
        assert.deepEqual([file, dialect, hashToText(dialects[dialect].hash), dialects[dialect].quality], [file, dialect, hashes[dialect], quality]);
      }
    }
  });

  it('lies within 10 bits in the fast mode where the quality is 50 or more', () => {
    const rows = expected().filter(({ file, quality }) => file.endsWith('.jpg') && quality >= 50);
    for (const { file, ...hashes } of rows) {
      const fast = hashJpegFast(readFileSync(new URL(file, FOLDER)))!;
      for (const dialect of DIALECTS) {
        const distance = hammingDistance(fast.hashes.dialects[dialect].hash, Buffer.from(hashes[dialect], 'hex'));
        assert.ok(distance <= 10, `${file} ${dialect}: ${distance}`);
      }
    }
  });
});
