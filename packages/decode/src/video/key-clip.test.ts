import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import fc from 'fast-check';
import type { HandlerInput } from '../worker/handler.ts';
import { makeKeyClip } from './key-clip.ts';
import { readKeySamples } from './mp4-samples.ts';
import { probeVideo } from './probe-video.ts';
import { serveRanges } from './range-server.ts';
import { RangedContent } from './ranged-content.ts';
import { ClipTally, sampleClip } from './sample-clip.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';

const clips = new TestClips();
after(() => clips.remove());
const skip = NO_FFMPEG || lacksEncoder('libx264');

function contentOf(bytes: Uint8Array): RangedContent {
  const input: HandlerInput = { sizeBytes: bytes.byteLength, bytes: () => bytes, readAt: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)) };
  return new RangedContent(input);
}

const WORDS = ['-c:v', 'libx264', '-preset', 'fast', '-bf', '3', '-g', '20'];

for (const [name, words] of [['plain.mp4', []], ['fast.mov', ['-movflags', '+faststart']], ['small.3gp', ['-s', '176x144']]] as const) {
  test(`${name}: the clip of sync samples gives the frames of the whole, to the bit and the microsecond, from fewer bytes`, { skip }, async () => {
    const bytes = clips.make(name, ...source('testsrc2=s=320x180:r=10:d=16'), ...source('sine=d=16'), ...WORDS, '-c:a', 'aac', ...words);
    const content = contentOf(bytes);
    const whole = await serveRanges(content);
    const probe = await probeVideo(content, whole.url);
    const samples = await readKeySamples(content);
    const key = makeKeyClip(content, samples!)!;
    assert.equal(key.frames, 8);
    const before = content.readBytes;
    const server = await serveRanges(key);
    const tally = new ClipTally(60);
    const quick = await sampleClip({ url: 'http://127.0.0.1:1/nowhere', probe, tally, progress: () => content.readBytes, keys: { url: server.url, frames: key.frames } });
    assert.ok(content.readBytes - before < bytes.byteLength / 2, `${content.readBytes - before} of ${bytes.byteLength}`);
    assert.deepEqual(quick, await sampleClip({ url: whole.url, probe, tally, progress: () => content.readBytes, keys: null }));
    assert.deepEqual([quick.length, tally.errors, tally.reachedEnd], [8, 0, true]);
    await Promise.all([server.close(), whole.close()]);
  });
}

test('an index in fragments, another container and an index with long gaps are left to ffmpeg', { skip }, async () => {
  const long = clips.make('long.mp4', ...source('testsrc2=s=64x64:r=5:d=20'), '-c:v', 'libx264', '-g', '500', '-keyint_min', '500');
  assert.equal(makeKeyClip(contentOf(long), (await readKeySamples(contentOf(long)))!), null);
  const fragments = clips.make('parts.mp4', ...source('testsrc2=s=64x64:r=5:d=2'), '-c:v', 'libx264', '-movflags', '+frag_keyframe+empty_moov');
  assert.equal(await readKeySamples(contentOf(fragments)), null);
  assert.equal(await readKeySamples(contentOf(clips.make('a.mkv', ...source('testsrc2=s=64x64:r=5:d=2'), '-c:v', 'libx264'))), null);
});

test('law: whatever stands in the index, an answer in bounds or none', { skip }, async () => {
  const good = clips.make('good.mp4', ...source('testsrc2=s=64x64:r=10:d=4'), ...WORDS);
  const moov = Buffer.from(good).lastIndexOf('moov');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.byteLength - moov - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = good.slice();
      for (const [at, value] of changes) bytes[moov + at] = value;
      const content = contentOf(bytes);
      const samples = await readKeySamples(content);
      for (const { offset, sizeBytes } of samples?.samples ?? []) assert.ok(offset >= 0 && offset + sizeBytes <= bytes.byteLength);
      if (samples !== null) makeKeyClip(content, samples);
    }),
    { numRuns: 300 },
  );
});
