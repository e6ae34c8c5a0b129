import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '@kerbside/bytes';
import { CAMERA_RAW_KINDS, makeCameraRaw, makePicture, mutate } from '@kerbside/corpus';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { STILL_MODES } from './apply-mode.ts';
import { checkStill } from './check-still.ts';
import { makeStill } from './make-still.ts';
import { MAX_STILL_BYTES } from './still-limits.ts';

const picture = makePicture({ kind: 'jpeg', seed: 4, widthPx: 640, heightPx: 400 });
const decoders = directDecoders();
const answering = (json: JsonObject, bytes: Uint8Array) => ({ run: () => Promise.resolve({ json, bytes }) });

describe('makeStill', () => {
  it('makes a small still in each mode, the same each time', async () => {
    for (const mode of STILL_MODES) {
      const still = await makeStill(decoders, picture, { mode });
      assert.deepEqual([still.widthPx, still.heightPx, still.mode, still.format], [160, 100, mode, mode === 'drawing' ? 'png' : 'jpeg']);
      assert.ok(still.bytes.byteLength < 40_000, String(still.bytes.byteLength));
      assert.deepEqual((await makeStill(decoders, picture, { mode })).bytes, still.bytes);
    }
  });

  it('is never larger than 320 pixels or than the picture', async () => {
    assert.equal((await makeStill(decoders, picture, { mode: 'grey', longerSidePx: 320 })).widthPx, 320);
    assert.equal((await makeStill(decoders, makePicture({ kind: 'png', seed: 1, widthPx: 50, heightPx: 70 }), { mode: 'grey' })).heightPx, 70);
    for (const longerSidePx of [321, 15, 0, 99.5, Number.NaN]) await assert.rejects(makeStill(decoders, picture, { mode: 'grey', longerSidePx }), { code: 'still-size-unusable' });
  });

  it('shows what is left of a damaged picture, and says what is wrong with one of which nothing is', async () => {
    await assert.rejects(makeStill(decoders, Buffer.from('Football results'), { mode: 'grey' }), { code: 'picture-unknown' });
    const png = makePicture({ kind: 'png', seed: 1, widthPx: 300, heightPx: 300 });
    await assert.rejects(makeStill(decoders, png.subarray(0, 30), { mode: 'grey' }), { code: 'picture-undecodable' });
    assert.equal((await makeStill(decoders, png.subarray(0, png.length >> 1), { mode: 'grey' })).widthPx, 160);
    png.writeUInt32BE(0x7fff_ffff, 16);
    await assert.rejects(makeStill(decoders, png, { mode: 'grey' }), (error: { code?: string }) => error.code === 'picture-pixels' || error.code === 'picture-undecodable');
  });

  it('shows every format that facts are read of: bitmaps, animations, camera raw by its preview', async () => {
    for (const kind of ['jpeg', 'png', 'bmp', 'gif'] as const) assert.equal((await makeStill(decoders, makePicture({ kind, seed: 5, widthPx: 320, heightPx: 200 }), { mode: 'grey' })).heightPx, 100, kind);
    for (const kind of CAMERA_RAW_KINDS) assert.equal((await makeStill(decoders, makeCameraRaw({ kind, preview: picture, widthPx: 6000, heightPx: 4000 }), { mode: 'drawing' })).heightPx, 100, kind);
  });

  it('rejects answers that are not a still of the size and mode asked for', async () => {
    const honest = await makeStill(decoders, picture, { mode: 'grey' });
    const json = { widthPx: 160, heightPx: 100, mode: 'grey', format: 'jpeg' };
    const large = makePicture({ kind: 'jpeg', seed: 4, widthPx: 400, heightPx: 300 });
    const lies: readonly (readonly [JsonObject, Uint8Array])[] = [
      [{ ...json, widthPx: 161 }, honest.bytes],
      [{ ...json, mode: 'colour-small' }, honest.bytes],
      [{ ...json, format: 'png' }, honest.bytes],
      [{}, honest.bytes],
      [{ ...json, widthPx: 400, heightPx: 300 }, large],
      [json, new Uint8Array(0)],
      [json, Buffer.from('<svg onload="x">')],
      [json, Buffer.concat([honest.bytes, Buffer.from('more')])],
      [json, honest.bytes.subarray(0, honest.bytes.length - 2)],
    ];
    for (const [claim, bytes] of lies) await assert.rejects(makeStill(answering(claim, bytes), picture, { mode: 'grey' }), { code: 'decoder-lied' });
    await assert.rejects(makeStill(answering({ ...json, widthPx: 160 }, honest.bytes), picture, { mode: 'grey', longerSidePx: 100 }), { code: 'decoder-lied' });
  });
});

describe('checkStill', () => {
  it('allows no segment or chunk in which something could ride along', async () => {
    const jpeg = Buffer.from((await makeStill(decoders, picture, { mode: 'grey' })).bytes);
    const png = Buffer.from((await makeStill(decoders, picture, { mode: 'drawing' })).bytes);
    assert.deepEqual(checkStill(jpeg), { format: 'jpeg', widthPx: 160, heightPx: 100 });
    assert.deepEqual(checkStill(png), { format: 'png', widthPx: 160, heightPx: 100 });
    const comment = Buffer.concat([jpeg.subarray(0, 2), Buffer.from('fffe00067465787400', 'hex').subarray(0, 8), jpeg.subarray(2)]);
    const text = Buffer.concat([png.subarray(0, 33), Buffer.from('000000047445587461623d6300000000', 'hex'), png.subarray(33)]);
    for (const bytes of [comment, text, new Uint8Array(MAX_STILL_BYTES + 1)]) assert.throws(() => checkStill(bytes), { code: 'decoder-lied' });
  });

  it('answers with a size or a refusal for any damage', async () => {
    for (const mode of ['grey', 'drawing'] as const) {
      const { bytes } = await makeStill(decoders, picture, { mode });
      for (let round = 0; round < 2000; round++) {
        try {
          const { widthPx, heightPx } = checkStill(mutate(Buffer.from(bytes), round));
          assert.ok(widthPx <= 320 && heightPx <= 320);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'decoder-lied');
        }
      }
    }
  });
});
