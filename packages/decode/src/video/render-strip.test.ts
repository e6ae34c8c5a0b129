import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { RefusedError } from '@kerbside/bytes';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';
import { renderStrip } from './render-strip.ts';

const clips = new TestClips();
after(() => clips.remove());
const decoders = directDecoders();
const skip = NO_FFMPEG || lacksEncoder('libx264');

test('nine stills spread over a clip, each small and in the mode asked for', { skip }, async () => {
  const bytes = clips.make('strip.mp4', ...source('testsrc2=s=640x360:r=10:d=18'), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10');
  const { stills, problems, facts } = await renderStrip(decoders, { bytes }, { mode: 'grey', longerSidePx: 96 });
  assert.deepEqual([stills.length, problems, facts.codec], [9, [], 'h264']);
  assert.deepEqual(stills.map(({ seconds }) => Math.round(seconds)), [1, 3, 5, 7, 9, 11, 13, 15, 17]);
  for (const still of stills) assert.deepEqual([still.widthPx, still.heightPx, still.mode, still.format], [96, 54, 'grey', 'jpeg']);
  const drawn = await renderStrip(decoders, { bytes }, { mode: 'drawing', atSeconds: [4.2, 12] });
  assert.deepEqual(drawn.stills.map(({ seconds, format }) => [Math.floor(seconds), format]), [[4, 'png'], [12, 'png']]);
});

test('a clip with one key frame still gives stills of different times', { skip }, async () => {
  const bytes = clips.make('one-key.mp4', ...source('testsrc2=s=160x90:r=10:d=9'), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '900', '-keyint_min', '900', '-sc_threshold', '0');
  const { stills } = await renderStrip(decoders, { bytes }, { mode: 'blur', count: 3, longerSidePx: 64 });
  assert.deepEqual(stills.map(({ seconds }) => seconds), [0, 4.5, 7.5]);
});

test('a strip that no screen wants is refused', async () => {
  for (const options of [{ count: 0 }, { count: 17 }, { longerSidePx: 4000 }, { atSeconds: [-1] }]) {
    await assert.rejects(renderStrip(decoders, { bytes: new Uint8Array(1) }, { mode: 'grey', ...options }), (error) => error instanceof RefusedError && error.code === 'strip-unusable');
  }
});
