import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makePhotograph } from '@kerbside/corpus';
import { hashRaster } from './hash-raster.ts';
import { hammingDistance, hashFromText, hashToText } from './hash-text.ts';
import { packHashes, PACKED_ORIENTATIONS_BYTES, PACKED_PLAIN_BYTES, unpackHashes } from './pack-hashes.ts';

const raster = { width: 700, height: 300, channels: 3 as const, data: makePhotograph(1, 700, 300).pixels };

describe('packHashes', () => {
  it('comes back the same, with one orientation and with eight', () => {
    for (const [orientations, sizeBytes] of [[false, PACKED_PLAIN_BYTES], [true, PACKED_ORIENTATIONS_BYTES]] as const) {
      const hashes = hashRaster(raster, { orientations });
      const packed = packHashes(hashes);
      assert.equal(packed.length, sizeBytes);
      assert.deepEqual(unpackHashes(packed), hashes);
    }
  });

  it('is refused at another length, and with a quality over 100', () => {
    const packed = packHashes(hashRaster(raster));
    assert.equal(unpackHashes(packed.subarray(1)), null);
    assert.equal(unpackHashes(new Uint8Array(0)), null);
    packed[65] = 101;
    assert.equal(unpackHashes(packed), null);
  });
});

describe('the text form', () => {
  it('has the most significant digit first and comes back', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
    assert.equal(hashToText(bytes).slice(0, 6), '00070e');
    assert.deepEqual(hashFromText(hashToText(bytes).toUpperCase()), bytes);
    assert.equal(hashFromText('f8f8'), null);
    assert.equal(hashFromText('z'.repeat(64)), null);
  });

  it('counts differing bits', () => {
    assert.equal(hammingDistance(new Uint8Array(32), new Uint8Array(32).fill(0xff)), 256);
    assert.equal(hammingDistance(new Uint8Array(32), Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 0x91 : 0))), 3);
  });
});
