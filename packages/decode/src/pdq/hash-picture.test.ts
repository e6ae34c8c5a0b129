import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { JsonObject } from '@kerbside/bytes';
import { makePhotograph, makePicture } from '@kerbside/corpus';
import sharp from 'sharp';
import type { Decoders } from '../pool/decoders.ts';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { decodeRaster } from './decode-raster.ts';
import { hashPicture, hashPictureFile } from './hash-picture.ts';
import { hashRaster } from './hash-raster.ts';
import { packHashes } from './pack-hashes.ts';

const [WIDTH, HEIGHT] = [800, 500] as const;
const pixels = makePhotograph(2, WIDTH, HEIGHT).pixels;
const jpeg = await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).jpeg().toBuffer();
const folder = mkdtempSync(join(tmpdir(), 'kerbside-pdq-'));
after(() => rmSync(folder, { recursive: true }));

/** A sandbox that says whatever it is told to. */
function answering(json: JsonObject, bytes: Uint8Array): Pick<Decoders, 'run'> {
  return { run: () => Promise.resolve({ json, bytes }) };
}

describe('hashPicture', () => {
  it('gives the exact hashes and, when asked, the fast ones and all orientations', async () => {
    const exact = hashRaster((await decodeRaster(jpeg)).raster, { orientations: true });
    const found = await hashPicture(directDecoders(), jpeg);
    assert.deepEqual(found, { hashes: { dialects: exact.dialects }, width: WIDTH, height: HEIGHT, mode: 'exact', damaged: false, lowTrust: false });
    assert.deepEqual((await hashPicture(directDecoders(), jpeg, { orientations: true })).hashes, exact);
    assert.equal((await hashPicture(directDecoders(), jpeg, { fast: true })).mode, 'fast');
  });

  it('goes the exact way where the fast one does not lead', async () => {
    const png = await sharp(jpeg).png().toBuffer();
    const cmyk = await sharp(jpeg).toColourspace('cmyk').jpeg().toBuffer();
    const bmp = makePicture({ kind: 'bmp', seed: 4, widthPx: 200, heightPx: 100 });
    for (const file of [png, cmyk, bmp]) assert.equal((await hashPicture(directDecoders(), file, { fast: true })).mode, 'exact');
    await assert.rejects(hashPicture(directDecoders(), Buffer.from([0xff, 0xd8, 1, 2, 3]), { fast: true }), { code: 'picture-undecodable' });
  });

  it('believes no answer of another shape', async () => {
    const packed = packHashes(hashRaster({ width: WIDTH, height: HEIGHT, channels: 3, data: pixels }));
    const facts = { width: WIDTH, height: HEIGHT, mode: 'exact', damaged: false, lowTrust: false };
    await hashPicture(answering(facts, packed), jpeg);
    const spoiled = packed.slice();
    spoiled[32] = 200;
    const lies: [JsonObject, Uint8Array][] = [
      [facts, packed.subarray(1)],
      [facts, new Uint8Array(528)],
      [facts, spoiled],
      [{ ...facts, width: 0 }, packed],
      [{ ...facts, height: 1.5 }, packed],
      [{ ...facts, height: '500' }, packed],
      [{ ...facts, mode: 'fast' }, packed],
      [{ ...facts, damaged: 1 }, packed],
      [{ width: WIDTH, height: HEIGHT, mode: 'exact', damaged: false }, packed],
    ];
    for (const [json, bytes] of lies) await assert.rejects(hashPicture(answering(json, bytes), jpeg), { code: 'decoder-lied' });
  });
});

describe('hashPictureFile', () => {
  it('reads a file, and says plainly what is wrong with a path', async () => {
    const path = join(folder, 'scene.jpg');
    writeFileSync(path, jpeg);
    assert.deepEqual(await hashPictureFile(directDecoders(), path), await hashPicture(directDecoders(), jpeg));
    await assert.rejects(hashPictureFile(directDecoders(), join(folder, 'none.jpg')), { code: 'picture-unreadable', message: /no such file/ });
    await assert.rejects(hashPictureFile(directDecoders(), folder), { code: 'picture-unreadable', message: /not a file/ });
  });
});
