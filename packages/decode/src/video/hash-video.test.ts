import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { hammingDistance } from '../pdq/hash-text.ts';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { hashVideo, type VideoResult } from './hash-video.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';
import type { VideoFacts } from './video-facts.ts';

const clips = new TestClips();
after(() => clips.remove());
const decoders = directDecoders();
const hashBytes = (bytes: Uint8Array): Promise<VideoResult> => hashVideo(decoders, { bytes });

const SOUND = source('sine=d=6');
const KINDS: readonly { readonly name: string; readonly encoder: string; readonly container: VideoFacts['container']; readonly codec: string; readonly words: readonly string[] }[] = [
  { name: 'a.mp4', encoder: 'libx264', container: 'mp4', codec: 'h264', words: ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-c:a', 'aac', '-shortest'] },
  { name: 'a.mov', encoder: 'libx265', container: 'mov', codec: 'hevc', words: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'keyint=10:log-level=error', '-c:a', 'aac', '-shortest'] },
  { name: 'a.mkv', encoder: 'libx264', container: 'matroska', codec: 'h264', words: ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-c:a', 'aac', '-shortest'] },
  { name: 'a.webm', encoder: 'libvpx', container: 'webm', codec: 'vp8', words: ['-c:v', 'libvpx', '-cpu-used', '8', '-deadline', 'realtime', '-g', '10', '-c:a', 'libopus', '-shortest'] },
  { name: 'a.avi', encoder: 'mpeg4', container: 'avi', codec: 'mpeg4', words: ['-c:v', 'mpeg4', '-g', '10', '-c:a', 'libmp3lame', '-shortest'] },
  { name: 'a.wmv', encoder: 'wmv2', container: 'asf', codec: 'wmv2', words: ['-c:v', 'wmv2', '-g', '10', '-c:a', 'wmav2', '-shortest'] },
  { name: 'a.mpg', encoder: 'mpeg2video', container: 'mpeg-ps', codec: 'mpeg2video', words: ['-r', '25', '-c:v', 'mpeg2video', '-g', '12', '-c:a', 'mp2', '-shortest', '-f', 'vob'] },
  { name: 'a.ts', encoder: 'libx264', container: 'mpeg-ts', codec: 'h264', words: ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-c:a', 'aac', '-shortest'] },
  { name: 'a.3gp', encoder: 'h263', container: '3gp', codec: 'h263', words: ['-s', '176x144', '-c:v', 'h263', '-g', '10', '-c:a', 'aac', '-shortest'] },
  { name: 'a.flv', encoder: 'flv', container: 'flv', codec: 'flv1', words: ['-c:v', 'flv', '-g', '10', '-c:a', 'libmp3lame', '-ar', '44100', '-shortest'] },
];

for (const { name, encoder, container, codec, words } of KINDS) {
  test(`${container} with ${codec}: facts, and a frame each second`, { skip: lacksEncoder(encoder) }, async () => {
    const { facts, frames, damage, problems } = await hashBytes(clips.make(name, ...source('testsrc2=s=352x288:r=10:d=6'), ...SOUND, ...words));
    assert.deepEqual([facts.container, facts.codec, facts.hasAudio], [container, codec, true]);
    assert.deepEqual([facts.widthPx, facts.heightPx], container === '3gp' ? [176, 144] : [352, 288]);
    assert.ok(Math.abs(facts.lengthSeconds! - 6) < 0.7, String(facts.lengthSeconds));
    assert.ok(frames.length >= 5 && frames.length <= 20, String(frames.length));
    assert.ok(frames[0]!.seconds < 0.2 && frames.at(-1)!.seconds > 4, JSON.stringify(frames.map(({ seconds }) => seconds)));
    assert.ok(frames.every(({ quality }) => quality >= 50));
    assert.deepEqual([damage.errors, damage.cutOff, damage.reachedEnd, damage.unreadableBytes, problems], [0, false, true, 0, []]);
  });
}

test('the same clip through other containers and codecs gives the same frames, near enough', { skip: lacksEncoder('libx264') || lacksEncoder('mpeg4') }, async () => {
  const picture = source('mandelbrot=s=320x180:r=10:start_scale=1.5:end_pts=60,trim=duration=5');
  const one = await hashBytes(clips.make('one.mp4', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-sc_threshold', '0'));
  const other = await hashBytes(clips.make('other.avi', ...picture, '-c:v', 'mpeg4', '-q:v', '6', '-g', '10', '-sc_threshold', '1000000000'));
  assert.equal(one.frames.length, 5);
  assert.deepEqual(other.frames.map(({ seconds }) => Math.round(seconds)), [0, 1, 2, 3, 4]);
  for (const [index, frame] of one.frames.entries()) assert.ok(hammingDistance(frame.hashes.full.hash, other.frames[index]!.hashes.full.hash) <= 20, `frame ${index}`);
});

test('facts of a phone: place, maker, time', { skip: lacksEncoder('libx264') }, async () => {
  const still = clips.makeFile('still.mp4', ...source('testsrc2=s=320x180:r=10:d=1'), '-c:v', 'libx264', '-preset', 'ultrafast');
  const tags = ['-metadata', 'location=+51.5074-000.1278/', '-metadata', 'creation_time=2024-05-01T12:34:56Z', '-metadata', 'make=Acme', '-metadata', 'model=Camera 3'];
  const { facts } = await hashBytes(clips.make('phone.mov', '-i', still, '-c', 'copy', ...tags, '-movflags', 'use_metadata_tags'));
  const { latitude, longitude, createdAt, make, model, hasAudio, framesPerSecond } = facts;
  assert.deepEqual(
    { latitude, longitude, createdAt, make, model, hasAudio, framesPerSecond },
    { latitude: 51.5074, longitude: -0.1278, createdAt: '2024-05-01T12:34:56Z', make: 'Acme', model: 'Camera 3', hasAudio: false, framesPerSecond: 10 },
  );
});

test('a clip with one key frame is sampled once a second; around a place, four times', { skip: lacksEncoder('libx264') }, async () => {
  const bytes = clips.make('long.mp4', ...source('testsrc2=s=320x180:r=20:d=12'), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '1000', '-keyint_min', '1000', '-sc_threshold', '0');
  const { frames } = await hashBytes(bytes);
  assert.deepEqual(frames.map(({ seconds }) => Math.round(seconds)), Array.from({ length: 12 }, (_, index) => index));
  const around = await hashVideo(decoders, { bytes }, { around: [5, 6.5] });
  assert.deepEqual([around.frames[0]!.seconds, around.frames.length], [3, 22]);
  assert.ok(around.frames.every(({ seconds }) => seconds >= 3 && seconds <= 8.5));
});

test('the same bytes give the same answer', { skip: NO_FFMPEG || lacksEncoder('mpeg4') }, async () => {
  const bytes = clips.make('twice.avi', ...source('testsrc2=s=200x100:r=10:d=3'), '-c:v', 'mpeg4', '-g', '5');
  assert.deepEqual(await hashBytes(bytes), await hashBytes(bytes));
});
