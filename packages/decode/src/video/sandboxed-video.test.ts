import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { MediumError } from '@kerbside/bytes';
import { startDecoders } from '../pool/start-decoders.ts';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { findSystemProgram } from '../sandbox/find-program.ts';
import { hashEveryFrame } from './hash-every-frame.ts';
import { hashVideo } from './hash-video.ts';
import { renderStrip } from './render-strip.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';

const clips = new TestClips();
after(() => clips.remove());
const skip = NO_FFMPEG || lacksEncoder('libx264') || (findSystemProgram('bwrap') === null ? 'bubblewrap is not installed' : false);

test('in the sandbox: the same answer as outside, from ranges alone; damage of the medium told; stills; every frame', { skip }, async () => {
  const bytes = clips.make('boxed.mp4', ...source('testsrc2=s=640x360:r=10:d=12'), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10');
  const outside = await hashVideo(directDecoders(), { bytes });
  const decoders = await startDecoders({ workers: 1, profile: 'tools' });
  try {
    const ranges: { offset: number; length: number }[] = [];
    const readAt = (offset: number, length: number): Uint8Array => {
      ranges.push({ offset, length });
      return bytes.subarray(offset, offset + length);
    };
    assert.deepEqual(await hashVideo(decoders, { sizeBytes: bytes.byteLength, readAt }), outside);
    assert.ok(outside.frames.length === 12 && ranges.length > 3 && ranges.every(({ offset, length }) => offset + length <= bytes.byteLength && length <= 1 << 20));
    const damaged = await hashVideo(decoders, {
      sizeBytes: bytes.byteLength,
      readAt(offset, length) {
        if (offset < 90_000 && offset + length > 80_000) throw new MediumError('unreadable-bytes', 'bad sectors');
        return readAt(offset, length);
      },
    });
    assert.ok(damaged.damage.unreadableBytes >= 10_000 && damaged.frames.length >= 8, JSON.stringify(damaged.damage));
    assert.ok(damaged.problems.some(({ code, kind }) => code === 'video-bytes-unreadable' && kind === 'medium'));
    const { stills } = await renderStrip(decoders, { bytes }, { mode: 'blur', count: 2, longerSidePx: 80 });
    assert.deepEqual(stills.map(({ seconds, widthPx, heightPx }) => [seconds, widthPx, heightPx]), [[3, 80, 45], [9, 80, 45]]);
    assert.equal((await hashEveryFrame(decoders, { bytes })).counts.decoded, 120);
    await assert.rejects(hashVideo(decoders, { bytes: Buffer.from('#EXTM3U\nfile:///etc/passwd\n') }), /not understood/);
  } finally {
    await decoders.close();
  }
});
