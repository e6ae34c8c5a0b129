import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { hammingDistance } from '../pdq/hash-text.ts';
import { MATCH_DISTANCE_BITS } from '../pdq/picture-hashes.ts';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { hashEveryFrame } from './hash-every-frame.ts';
import { hashVideo } from './hash-video.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';

const clips = new TestClips();
after(() => clips.remove());
const decoders = directDecoders();

test('every frame of a known clip, pruned; every key frame of a re-encode lies within the radius of one', { skip: NO_FFMPEG || lacksEncoder('libx264') || lacksEncoder('mpeg4') }, async () => {
  const original = clips.makeFile('known.mp4', ...source('testsrc2=s=640x360:r=5:d=8,fps=15'), '-c:v', 'libx264', '-preset', 'ultrafast');
  const known = await hashEveryFrame(decoders, { bytes: clips.make('copy.mp4', '-i', original, '-c', 'copy') }, { pruneBits: 6 });
  assert.equal(known.counts.decoded, 120);
  assert.equal(known.counts.kept, known.frames.length);
  assert.deepEqual([known.problems, known.pruneBits], [[], 6]);
  assert.ok(known.counts.pruned > 0 && known.frames.length > 8, JSON.stringify(known.counts));
  for (const [index, frame] of known.frames.entries()) {
    const before = known.frames[index - 1];
    if (before !== undefined) assert.ok(Math.max(distance(frame, before, '512nn'), distance(frame, before, 'full')) > 6);
  }
  const everything = await hashEveryFrame(decoders, { bytes: clips.make('copy2.mp4', '-i', original, '-c', 'copy') }, { pruneBits: 0 });
  assert.ok(everything.frames.length > known.frames.length);
  const again = await hashVideo(decoders, { bytes: clips.make('again.avi', '-i', original, '-s', '480x270', '-c:v', 'mpeg4', '-q:v', '8', '-g', '9') });
  assert.ok(again.frames.length >= 10);
  for (const frame of again.frames) {
    assert.ok(Math.min(...everything.frames.map((one) => distance(one, frame, 'full'))) <= MATCH_DISTANCE_BITS, `at ${frame.seconds} s`);
    assert.ok(Math.min(...known.frames.map((one) => distance(one, frame, 'full'))) <= MATCH_DISTANCE_BITS + 6, `pruned, at ${frame.seconds} s`);
  }
});

test('pruning beyond what leaves a useful radius is refused', async () => {
  for (const pruneBits of [-1, 11, 2.5]) {
    await assert.rejects(hashEveryFrame(decoders, { bytes: new Uint8Array(1) }, { pruneBits }), (error) => error instanceof RefusedError && error.code === 'video-prune-unusable');
  }
});

type Hashed = Awaited<ReturnType<typeof hashVideo>>['frames'][number];
function distance(a: Hashed, b: Hashed, dialect: 'full' | '512nn'): number {
  return hammingDistance(a.hashes[dialect].hash, b.hashes[dialect].hash);
}
