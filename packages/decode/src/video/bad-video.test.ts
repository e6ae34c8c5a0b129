import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before } from 'node:test';
import { KerbsideError, MediumError } from '@kerbside/bytes';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { handleVideo } from './handle-video.ts';
import { hashVideo } from './hash-video.ts';
import { RangedContent } from './ranged-content.ts';
import { serveRanges } from './range-server.ts';
import { readFrames } from './read-frames.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';

const clips = new TestClips();
after(() => clips.remove());
const decoders = directDecoders();
const skip = NO_FFMPEG || lacksEncoder('libx264');

/** What becomes of bytes: the code of the error or the codes of the problems, and the number of frames. */
async function outcome(bytes: Uint8Array): Promise<{ readonly codes: readonly string[]; readonly frames: number }> {
  try {
    const { frames, problems } = await hashVideo(decoders, { bytes });
    for (const { message } of problems) assert.match(message, /^[\x20-\x7e]{10,}$/);
    return { codes: problems.map(({ code }) => code), frames: frames.length };
  } catch (error) {
    assert.ok(error instanceof KerbsideError, String(error));
    assert.match(error.message, /^[\x20-\x7e]{10,}$/);
    return { codes: [error.code], frames: 0 };
  }
}

let mp4: Uint8Array;
let fast: Uint8Array;
before(() => {
  if (skip !== false) return;
  const words = [...source('testsrc2=s=320x180:r=10:d=20'), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-qp', '20'];
  mp4 = clips.make('end.mp4', ...words);
  fast = clips.make('start.mp4', ...words, '-movflags', '+faststart');
});

test('an index at the end is found without reading what lies before it twice', { skip }, async () => {
  assert.deepEqual(await outcome(mp4), { codes: [], frames: 20 });
});

test('cut off: with the index at the start the frames before the cut, with it at the end nothing; each is told', { skip }, async () => {
  const { codes, frames } = await outcome(fast.subarray(0, Math.floor(fast.byteLength / 2)));
  assert.deepEqual(codes, ['video-damaged']);
  assert.ok(frames >= 5 && frames <= 14, String(frames));
  assert.deepEqual(await outcome(mp4.subarray(0, mp4.byteLength >> 1)), { codes: ['video-not-understood'], frames: 0 });
});

test('empty, zeros, noise, text, a cut header', { skip }, async () => {
  const noise = new Uint8Array(200_000).map((_, index) => (index * 2_654_435_761) >>> 24);
  for (const bytes of [new Uint8Array(0), new Uint8Array(100_000), noise, Buffer.from('match report: two goals\n'.repeat(500)), mp4.subarray(0, 40)]) {
    assert.deepEqual(await outcome(bytes), { codes: ['video-not-understood'], frames: 0 });
  }
});

test('a garbage header before the samples of a clip', { skip }, async () => {
  const bytes = fast.slice();
  for (let at = 8; at < 4096; at += 1) bytes[at] = (at * 167) & 0xff;
  assert.deepEqual(await outcome(bytes), { codes: ['video-not-understood'], frames: 0 });
});

/** Overwrites the duration of mvhd, tkhd and mdhd (version 0) everywhere. */
function withLength(value: number): Uint8Array {
  const bytes = Buffer.from(mp4);
  for (const [box, offset] of [['mvhd', 20], ['tkhd', 24], ['mdhd', 20]] as const) {
    const at = bytes.lastIndexOf(box);
    bytes.writeUInt32BE(value, at + offset);
  }
  return bytes;
}

test('a false length, long or short, thins out nothing', { skip }, async () => {
  assert.ok((await outcome(withLength(0x7fff_ffff))).frames >= 20);
  assert.ok((await outcome(withLength(1))).frames >= 20);
});

test('damaged samples: what decodes is there, and errors are counted', { skip }, async () => {
  const bytes = mp4.slice();
  for (let at = bytes.byteLength >> 2; at < bytes.byteLength >> 1; at += 7) bytes[at]! ^= 0x5a;
  const { codes, frames } = await outcome(bytes);
  assert.deepEqual(codes, ['video-damaged']);
  assert.ok(frames >= 10, String(frames));
});

test('huge dimensions are refused before anything is allocated', { skip: NO_FFMPEG }, async () => {
  const bytes = Buffer.from(clips.make('raw.avi', ...source('testsrc2=s=64x64:r=10:d=1'), '-c:v', 'rawvideo', '-pix_fmt', 'bgr24'));
  const at = bytes.indexOf('strf') + 8;
  bytes.writeInt32LE(60_000, at + 4);
  bytes.writeInt32LE(60_000, at + 8);
  assert.deepEqual(await outcome(bytes), { codes: ['video-without-frames'], frames: 0 });
});

test('100,000 frames that are all key frames: at most four a second are hashed', { skip: NO_FFMPEG }, async () => {
  const bytes = clips.make('many.avi', ...source('testsrc=s=16x16:r=1000:d=100'), '-c:v', 'rawvideo', '-pix_fmt', 'gray');
  const { codes, frames } = await outcome(bytes);
  assert.deepEqual(codes, []);
  assert.ok(frames >= 390 && frames <= 401, String(frames));
  const many = new RangedContent({ sizeBytes: bytes.byteLength, bytes: () => bytes, readAt: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)) });
  const server = await serveRanges(many);
  const pass = { url: server.url, streamIndex: 0, decode: 'all', window: null, framesPerSecond: 100, maxFrames: 1e6, raster: { widthPx: 256, heightPx: 256, pixels: 'gray' }, progress: () => many.readBytes } as const;
  const end = await readFrames({ ...pass, cpuSeconds: 1 }, () => {});
  assert.deepEqual([end.outOfCpu, end.reachedEnd, end.frames > 0 && end.frames < 10_000], [true, false, true], JSON.stringify(end).slice(0, 200));
  await server.close();
});

test('sound alone is no video', { skip: NO_FFMPEG }, async () => {
  assert.deepEqual(await outcome(clips.make('sound.mp4', ...source('sine=d=1'), '-c:a', 'aac')), { codes: ['video-without-pictures'], frames: 0 });
});

test('no reference to another place is followed: play lists, concat, data references, subtitles', { skip }, async () => {
  let asked = 0;
  const canary = createServer((_, response) => {
    asked += 1;
    response.end(mp4);
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/clip.mp4`;
  const plain = clips.makeFile('plain.mp4', ...source('testsrc2=s=64x64:r=5:d=1'), '-c:v', 'libx264');
  const references = [
    `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${url}\n#EXT-X-ENDLIST\n`,
    `#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://${plain}\n#EXT-X-ENDLIST\n`,
    `ffconcat version 1.0\nfile '${plain}'\n`,
    `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n`,
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet><Representation id="1"><BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    `<asx version="3.0"><entry><ref href="${url}"/></entry></asx>`,
    `{1}{1}25\n{0}{25}${url}\n`,
  ].map((text) => Buffer.from(text));
  for (const bytes of references) {
    const { codes, frames } = await outcome(bytes);
    assert.deepEqual([codes, frames], [['video-not-understood'], 0], bytes.toString('latin1').slice(0, 30));
  }
  // A data reference of QuickTime: the samples are said to lie in another file.
  const moved = Buffer.from(mp4);
  const at = moved.lastIndexOf('url ');
  moved.writeUInt32BE(0, at + 4);
  moved.write('alis', at, 'latin1');
  await outcome(moved);
  canary.close();
  assert.equal(asked, 0);
});

test('bytes that the medium cannot give are told, and the rest is seen', { skip }, async () => {
  const bad = { from: 60_000, to: 70_000 };
  const reply = await handleVideo(
    { task: 'sample', around: [] },
    {
      sizeBytes: mp4.byteLength,
      bytes: () => assert.fail('the content must not be taken whole'),
      readAt: (offset, length) =>
        offset < bad.to && offset + length > bad.from ? Promise.reject(new MediumError('unreadable-bytes', 'bad sector')) : Promise.resolve(mp4.subarray(offset, offset + length)),
    },
    () => Promise.resolve(),
  );
  const damage = reply.json['damage'] as { readonly unreadableBytes: number };
  assert.ok(damage.unreadableBytes >= 10_000 && damage.unreadableBytes <= 10_000 + 2 * 4096, String(damage.unreadableBytes));
  assert.ok((reply.json['frames'] as number) >= 15);
});
