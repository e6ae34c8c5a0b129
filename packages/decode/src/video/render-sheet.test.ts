import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { directDecoders } from '../pool/test-direct-decoders.ts';
import { SHEET_GAP_PX } from './compose-sheet.ts';
import { renderSheet } from './render-sheet.ts';
import { lacksEncoder, NO_FFMPEG, source, TestClips } from './test-clips.ts';

const clips = new TestClips();
after(() => clips.remove());
const decoders = directDecoders();
const skip = NO_FFMPEG || lacksEncoder('libx264');

test('one picture of nine frames spread over a clip, each small; the very frame of a near-match beside them', { skip }, async () => {
  const bytes = clips.make('sheet.mp4', ...source('testsrc2=s=640x360:r=10:d=18'), '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10');
  const { still, seconds, columns, problems } = await renderSheet(decoders, { bytes }, { mode: 'grey', longerSidePx: 96 });
  assert.deepEqual([seconds.map(Math.round), columns, problems], [[1, 3, 5, 7, 9, 11, 13, 15, 17], 3, []]);
  assert.deepEqual([still.widthPx, still.heightPx, still.format, still.mode], [3 * 96 + 2 * SHEET_GAP_PX, 3 * 54 + 2 * SHEET_GAP_PX, 'jpeg', 'grey']);
  assert.equal((await sharp(still.bytes).metadata()).channels, 1);
  const near = await renderSheet(decoders, { bytes }, { mode: 'drawing', longerSidePx: 96, exactSeconds: [4.3] });
  assert.deepEqual([near.seconds.length, near.columns, near.seconds.includes(4.3), near.still.format], [10, 4, true, 'png']);
});

test('a clip that a player turns is shown turned', { skip }, async () => {
  const path = clips.makeFile('flat.mp4', ...source('color=black:s=320x180:r=10:d=2,drawbox=w=160:h=180:color=white:t=fill'), '-c:v', 'libx264', '-preset', 'ultrafast');
  // What ffmpeg calls 90 here is three quarters clockwise: the white left half comes to the bottom, as ffmpeg's own player shows it.
  const bytes = clips.make('turned.mp4', '-i', path, '-c', 'copy', '-metadata:s:v', 'rotate=90');
  const sheet = await renderSheet(decoders, { bytes }, { mode: 'colour-small', count: 1, longerSidePx: 64 });
  assert.deepEqual([sheet.facts.turnDegrees, sheet.still.widthPx, sheet.still.heightPx], [270, 36, 64]);
  const { data } = await sharp(sheet.still.bytes).greyscale().raw().toBuffer({ resolveWithObject: true });
  assert.ok(data[5 * 36 + 18]! < 60 && data[58 * 36 + 18]! > 190, `${data[5 * 36 + 18]} above, ${data[58 * 36 + 18]} below`);
});

test('a clip without a frame, a strip that no screen wants', async () => {
  for (const options of [{ count: 0 }, { count: 9, exactSeconds: [1, 2, 3, 4, 5, 6, 7, 8] }, { longerSidePx: 4000 }, { exactSeconds: [-1] }]) {
    await assert.rejects(renderSheet(decoders, { bytes: new Uint8Array(1) }, { mode: 'grey', ...options }), { code: 'strip-unusable' });
  }
});

test('what a worker that was taken over could answer is refused', async () => {
  const damage = { errors: 0, firstError: null, unreadableBytes: 0, cutOff: false, reachedEnd: true };
  const facts = { container: 'mp4', codec: 'h264', widthPx: 64, heightPx: 36, turnDegrees: 0, lengthSeconds: 1, framesPerSecond: 10, createdAt: null, latitude: null, longitude: null, make: null, model: null, hasAudio: false };
  const tile = new Uint8Array(await sharp({ create: { width: 64, height: 36, channels: 3, background: '#808080' } }).jpeg().toBuffer());
  const honest = { frames: 1, seconds: [0.5], widthPx: 64, heightPx: 36, facts, damage, outOfCpu: false, framesFull: false };
  const answer = (change: object, bytes: Uint8Array): ReturnType<typeof renderSheet> =>
    renderSheet(
      {
        async run({ onPiece }) {
          if (bytes.byteLength > 0) await onPiece!(bytes);
          return { json: { ...honest, ...change }, bytes: new Uint8Array(0) };
        },
      },
      { bytes: new Uint8Array(1) },
      { mode: 'grey', count: 2, longerSidePx: 64 },
    );
  assert.deepEqual((await answer({}, tile)).seconds, [0.5]);
  await assert.rejects(answer({ frames: 0, seconds: [], widthPx: 0, heightPx: 0 }, new Uint8Array(0)), { code: 'video-without-frames' });
  const large = new Uint8Array(await sharp({ create: { width: 640, height: 360, channels: 3, background: '#808080' } }).jpeg().toBuffer());
  const lies: readonly (readonly [object, Uint8Array])[] = [
    [{ frames: 3, seconds: [0, 1, 2] }, tile],
    [{ seconds: [] }, tile],
    [{ seconds: [-1] }, tile],
    [{ frames: 2, seconds: [1, 0.5] }, tile],
    [{ widthPx: 63 }, tile],
    [{ widthPx: 640, heightPx: 360 }, large],
    [{}, Buffer.concat([tile, Buffer.from('more')])],
    [{}, Buffer.from('no picture')],
  ];
  for (const [change, bytes] of lies) await assert.rejects(answer(change, bytes), { code: 'decoder-lied' }, JSON.stringify(change));
});
