import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { contentChunks } from '../corpus-file.ts';
import { generatedBytes } from './generated-bytes.ts';
import { makeDocument } from './make-document.ts';
import { makePseudoVideo } from './make-pseudo-video.ts';

describe('makeDocument', () => {
  it('gives about the wanted size, the same for the same seed and another for another', () => {
    for (const kind of ['text', 'csv', 'rtf', 'html'] as const) {
      const document = makeDocument(kind, 4, 5000);
      assert.ok(document.length >= 5000 && document.length < 5600, `${kind}: ${document.length}`);
      assert.ok(document.equals(makeDocument(kind, 4, 5000)));
      assert.ok(!document.equals(makeDocument(kind, 5, 5000)));
    }
  });
});

describe('generatedBytes', () => {
  it('yields exactly its size, the same each time, and no two equal blocks', () => {
    const seen = new Set<string>();
    for (const seed of [1, 2]) {
      const content = generatedBytes(seed, (3 << 20) + 777);
      const whole = Buffer.concat([...contentChunks(content)]);
      assert.equal(whole.length, content.sizeBytes);
      assert.ok(whole.equals(Buffer.concat([...content.chunks()])));
      for (let at = 0; at + 4096 <= whole.length; at += 4096) {
        seen.add(createHash('sha1').update(whole.subarray(at, at + 4096)).digest('hex'));
      }
    }
    assert.equal(seen.size, 2 * Math.floor(((3 << 20) + 777) / 4096));
  });
});

describe('makePseudoVideo', () => {
  it('has boxes that fill the file exactly', () => {
    const video = Buffer.concat([...makePseudoVideo(3, 2_000_003).chunks()]);
    assert.equal(video.length, 2_000_003);
    const types: string[] = [];
    let at = 0;
    while (at < video.length) {
      const short = video.readUInt32BE(at);
      types.push(video.toString('latin1', at + 4, at + 8));
      at += short === 1 ? Number(video.readBigUInt64BE(at + 8)) : short;
    }
    assert.equal(at, video.length);
    assert.deepEqual(types, ['ftyp', 'moov', 'mdat']);
  });
});
