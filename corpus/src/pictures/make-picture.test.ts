import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import { makePicture, type PictureKind } from './make-picture.ts';

const SIGNATURES: Record<PictureKind, string> = { jpeg: 'ffd8ffe0', png: '89504e470d0a1a0a', bmp: '424d', gif: '474946383761' };

describe('makePicture', () => {
  it('starts as its kind does, the same for the same seed and another for another', () => {
    for (const kind of ['jpeg', 'png', 'bmp', 'gif'] as const) {
      const picture = makePicture({ kind, seed: 1, widthPx: 70, heightPx: 50 });
      assert.ok(picture.toString('hex').startsWith(SIGNATURES[kind]), kind);
      assert.ok(picture.equals(makePicture({ kind, seed: 1, widthPx: 70, heightPx: 50 })), kind);
      assert.ok(!picture.equals(makePicture({ kind, seed: 2, widthPx: 70, heightPx: 50 })), kind);
    }
  });

  it('makes a JPEG whose scan holds no marker, and whose size follows the grain', () => {
    const sizes = [0, 0.3, 1].map((grain) => {
      const picture = makePicture({ kind: 'jpeg', seed: 3, widthPx: 320, heightPx: 240, grain });
      assert.equal(picture.readUInt16BE(picture.length - 2), 0xffd9);
      const scan = picture.subarray(picture.indexOf(Buffer.from('ffda', 'hex')) + 14, -2);
      for (let at = scan.indexOf(0xff); at >= 0; at = scan.indexOf(0xff, at + 1)) assert.equal(scan[at + 1], 0);
      return picture.length;
    });
    assert.ok(sizes[0]! < 4000 && sizes[1]! > 10 * sizes[0]! && sizes[2]! > 70_000, String(sizes));
  });

  it('makes a PNG whose rows inflate to the picture', () => {
    const picture = makePicture({ kind: 'png', seed: 3, widthPx: 33, heightPx: 21 });
    const at = picture.indexOf('IDAT', 0, 'latin1');
    assert.equal(inflateSync(picture.subarray(at + 4, at + 4 + picture.readUInt32BE(at - 4))).length, 21 * (1 + 33 * 3));
  });

  it('states its own size in a bitmap', () => {
    const picture = makePicture({ kind: 'bmp', seed: 3, widthPx: 33, heightPx: 21 });
    assert.equal(picture.readUInt32LE(2), picture.length);
  });
});
