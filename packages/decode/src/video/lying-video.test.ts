import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { KerbsideError, type JsonObject } from '@kerbside/bytes';
import type { Decoders } from '../pool/decoders.ts';
import { FRAME_RECORD_BYTES, readFrameRecord, writeFrameRecord } from './frame-record.ts';
import { hashEveryFrame } from './hash-every-frame.ts';
import { hashVideo } from './hash-video.ts';
import { renderStrip } from './render-strip.ts';

const HONEST = {
  frames: 2,
  outOfCpu: false,
  framesFull: false,
  damage: { errors: 0, firstError: null, unreadableBytes: 0, cutOff: false, reachedEnd: true },
  facts: {
    container: 'mp4',
    codec: 'h264',
    widthPx: 640,
    heightPx: 360,
    turnDegrees: 90,
    lengthSeconds: 2.5,
    framesPerSecond: 25,
    createdAt: '2024-05-01T12:34:56+01:00',
    latitude: 51.5,
    longitude: -0.1,
    make: 'Acme',
    model: 'Caméra 3',
    hasAudio: true,
  },
} as const satisfies JsonObject;

const records = (times: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(times.length * FRAME_RECORD_BYTES);
  const hash = (fill: number) => ({ hash: new Uint8Array(32).fill(fill), quality: 80 });
  for (const [index, seconds] of times.entries()) writeFrameRecord(seconds, { '512nn': hash(index), full: hash(index + 100) }, bytes, index * FRAME_RECORD_BYTES);
  return bytes;
};

/** A sandbox that says what it is told to say. */
function saying(json: JsonObject, ...pieces: readonly Uint8Array[]): Pick<Decoders, 'run'> {
  return {
    run({ onPiece }) {
      for (const piece of pieces) onPiece?.(piece);
      return Promise.resolve({ json, bytes: new Uint8Array(0) });
    },
  };
}

const content = { bytes: new Uint8Array(1) };
const isLie = (error: unknown): boolean => error instanceof KerbsideError && error.code === 'decoder-lied';

test('an honest answer passes, in however many pieces it comes', async () => {
  const bytes = records([0, 1.5]);
  const { facts, frames, problems } = await hashVideo(saying(HONEST, bytes.subarray(0, 7), bytes.subarray(7)), content);
  assert.deepEqual([facts, problems, frames.map(({ seconds, quality }) => [seconds, quality])], [HONEST.facts, [], [[0, 80], [1.5, 80]]]);
});

test('each lie is found: numbers, texts, places, counts, times, sizes', async () => {
  const facts = (changes: JsonObject): JsonObject => ({ ...HONEST, facts: { ...HONEST.facts, ...changes } });
  const damage = (changes: JsonObject): JsonObject => ({ ...HONEST, damage: { ...HONEST.damage, ...changes } });
  const lies: readonly JsonObject[] = [
    {},
    { ...HONEST, frames: 3 },
    { ...HONEST, frames: -1 },
    { ...HONEST, frames: '2' },
    { ...HONEST, outOfCpu: 0 },
    { ...HONEST, facts: null },
    { ...HONEST, damage: [] },
    facts({ container: 'exe' }),
    facts({ codec: 'h264; rm' }),
    facts({ widthPx: 70_000 }),
    facts({ heightPx: 1.5 }),
    facts({ turnDegrees: 45 }),
    facts({ lengthSeconds: -1 }),
    facts({ framesPerSecond: 1e9 }),
    facts({ createdAt: 'yesterday' }),
    facts({ latitude: 91 }),
    facts({ longitude: null }),
    facts({ make: 'x'.repeat(81) }),
    facts({ model: '\u001B[31mred' }),
    facts({ hasAudio: 'yes' }),
    damage({ errors: -1 }),
    damage({ firstError: 'two\nlines' }),
    damage({ unreadableBytes: 0.5 }),
    damage({ reachedEnd: null }),
  ];
  for (const json of lies) await assert.rejects(hashVideo(saying(json, records([0, 1])), content), isLie, JSON.stringify(json));
  for (const bytes of [records([0]), records([1, 0]), records([0, Number.NaN]), records([0, Number.POSITIVE_INFINITY]), records([-1, 0]), new Uint8Array(160).fill(255)]) {
    await assert.rejects(hashVideo(saying(HONEST, bytes), content), isLie);
  }
  await assert.rejects(hashVideo(saying(HONEST, ...Array.from({ length: 30 }, () => new Uint8Array(1 << 16))), content), isLie);
});

test('lies about every frame and about stills', async () => {
  const every = { ...HONEST, decoded: 5, kept: 2, pruned: 2, lowQuality: 1 };
  assert.equal((await hashEveryFrame(saying(every, records([0, 1])), content)).frames.length, 2);
  for (const changes of [{ kept: 3 }, { decoded: 6 }, { pruned: -1, lowQuality: 4 }, { decoded: 1e9 }]) {
    await assert.rejects(hashEveryFrame(saying({ ...every, ...changes }, records([0, 1])), content), isLie);
  }
  const still = { seconds: 1, widthPx: 64, heightPx: 36, sizeBytes: 4 };
  for (const stills of [null, [still], Array.from({ length: 10 }, () => still), [{ ...still, sizeBytes: 1e9 }], []]) {
    await assert.rejects(renderStrip(saying({ ...HONEST, stills }, new Uint8Array(4)), content, { mode: 'grey' }), isLie);
  }
});

test('a record read back is the record written, and no bytes at all make it throw', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const quality = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), hash, hash, quality, quality, (seconds, a, b, qa, qb) => {
      const bytes = new Uint8Array(FRAME_RECORD_BYTES);
      const hashes = { '512nn': { hash: a, quality: qa }, full: { hash: b, quality: qb } };
      writeFrameRecord(seconds, hashes, bytes, 0);
      assert.deepEqual(readFrameRecord(bytes, 0), { seconds, hashes, quality: Math.max(qa, qb) });
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(120), (bytes, at) => {
    const frame = readFrameRecord(bytes, at);
    assert.ok(frame === null || (Number.isFinite(frame.seconds) && frame.quality <= 100));
  }));
});
