import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@kerbside/bytes';
import type { Decoders } from '@kerbside/decode';
import { createContainerDoors } from '../content/container-doors.ts';
import { openReviewItem } from './open-review-item.ts';
import type { OpenReviewItem } from './review-item.ts';

/** A run's folder, a source folder with three pictures, a video and a home, for tests of stills. */
export interface TestRun extends Disposable {
  readonly runFolder: string;
  readonly home: string;
  readonly source: string;
}

/** What stands for pictures here, where nothing is decoded: `known.png` is a hit of the report, `copy.png` has the same content, `new.png` is in no set. */
const KNOWN_CONTENT = Buffer.from('a picture of a bridge');
const NEW_CONTENT = Buffer.from('a picture of a harbour');

/** Starts as an MP4 does; nothing is decoded here. */
const VIDEO_CONTENT = Buffer.concat([Buffer.from([0, 0, 0, 16]), Buffer.from('ftypisom\0\0\0\0'), Buffer.alloc(5000, 'match')]);

/** Times at which the report has near-matches of `clip.mp4`. */
export const NEAR_SECONDS = [12.5, 3.25] as const;

export function makeTestRun(sets: readonly object[] = []): TestRun {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'kerbside-stills-')));
  const [runFolder, home, source] = ['run', 'home', 'source'].map((name) => join(root, name)) as [string, string, string];
  for (const folder of [runFolder, home, source]) mkdirSync(folder);
  for (const [name, bytes] of [['known.png', KNOWN_CONTENT], ['copy.png', KNOWN_CONTENT], ['new.png', NEW_CONTENT], ['clip.mp4', VIDEO_CONTENT]] as const) writeFileSync(join(source, name), bytes);
  const hit = { path: 'known.png', meaning: 'alert', set: 'Example list', digest: hash('sha256', KNOWN_CONTENT, 'hex'), digests: {} };
  writeFileSync(join(runFolder, 'report.json'), JSON.stringify({ hits: [hit], nearHits: [...NEAR_SECONDS, NEAR_SECONDS[0]].map((seconds) => ({ path: 'clip.mp4', seconds })), sets, source: { path: source } }));
  return { runFolder, home, source, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Decoders that answer with this PNG of 160 × 106 pixels, as the sandbox would, and count how often they are asked. */
export function answeringDecoders(answer: Uint8Array): Pick<Decoders, 'run'> & { asked: number } {
  return {
    asked: 0,
    run({ request }) {
      this.asked += 1;
      return Promise.resolve({ json: { widthPx: 160, heightPx: 106, format: 'png', mode: request['mode']! }, bytes: new Uint8Array(answer) });
    },
  };
}

/** Opens items as the command does, without tools. */
export const openItem: OpenReviewItem = (sourcePath, name, mask) => openReviewItem(sourcePath, name, mask, { doors: createContainerDoors([], () => Promise.reject(new Error('no tools here'))) });

/** Decoders that answer for a video with this sheet of four frames, in pieces, and keep what they were asked. */
export function answeringVideoDecoders(sheet: Uint8Array, widthPx: number, heightPx: number): Pick<Decoders, 'run'> & { readonly requests: JsonObject[] } {
  const requests: JsonObject[] = [];
  const damage = { errors: 2, firstError: 'cut', unreadableBytes: 0, cutOff: true, reachedEnd: true };
  const facts = { container: 'mp4', codec: 'h264', widthPx: 64, heightPx: 36, turnDegrees: 0, lengthSeconds: 20, framesPerSecond: 10, createdAt: null, latitude: null, longitude: null, make: null, model: null, hasAudio: true };
  return {
    requests,
    async run({ request, onPiece, content }) {
      if ('bytes' in content) throw new Error('a video goes in ranges');
      requests.push({ ...request, firstBytes: Buffer.from(content.readAt(4, 8)).toString('latin1') });
      await onPiece!(sheet.subarray(0, 100));
      await onPiece!(sheet.subarray(100));
      return { json: { frames: 4, seconds: [1, 3.25, 12.5, 18], widthPx, heightPx, facts, damage, outOfCpu: false, framesFull: false }, bytes: new Uint8Array(0) };
    },
  };
}
