/**
 * Videos: the pass over key frames against a full decode at one frame a second, CPU time of ffmpeg, of serving and of hashing
 * together; and the share of a re-encode's key frames that lie within the radius of some
 * frame of the clip it was made from.
 *
 *     ./kerbside bench video
 */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { hammingDistance, hashEveryFrame, hashVideo, MATCH_DISTANCE_BITS, MIN_QUALITY, type Dialect, type VideoFrame } from '@kerbside/decode';
import { measureScript } from './commands.ts';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { median } from './measure.ts';
import { encodeAgain, makeClips, type ClipSet } from './video-clips.ts';
import { fileDecoders } from './video-decoders.ts';

const CLIP_SECONDS = 45;
const QUICK_CLIP_SECONDS = 4;
const PRUNE_BITS = 10;

async function run(options: BenchOptions): Promise<Figure[]> {
  const { loose, tight } = await makeClips(options.quick ? QUICK_CLIP_SECONDS : CLIP_SECONDS);
  return [
    ...costFigures(loose, 'key frames at most 250 apart', options),
    ...costFigures(tight, 'a key frame every 30', options),
    ...(await foundFigures(tight)),
  ];
}

interface Told {
  readonly frames: number;
  readonly cpuSeconds: number;
  /** Of the whole process: start of Node, compiling, and ffprobe on our side. */
  readonly allSeconds: number;
}

function costFigures({ folder, names }: ClipSet, kind: string, options: BenchOptions): Figure[] {
  const paths = names.map((name) => join(folder, name));
  const told: { keys: Told[]; second: Told[] } = { keys: [], second: [] };
  for (let pair = 0; pair < pairsOf(options, 3); pair++) {
    const order = pair % 2 === 0 ? (['keys', 'second'] as const) : (['second', 'keys'] as const);
    for (const side of order) {
      const { output, cpuMs } = measureScript('video-one.ts', [side, ...paths], { keepOutput: true });
      told[side].push({ ...(JSON.parse(output) as Omit<Told, 'allSeconds'>), allSeconds: cpuMs / 1000 });
    }
  }
  const row = (figure: string, of: (one: Told) => number, mustReach: number | null): Figure => {
    const ratio = median(told.keys.map((mine, pair) => of(told.second[pair]!) / of(mine)));
    const side = (all: readonly Told[]): string => `${all[0]!.frames} frames, ${median(all.map(of)).toFixed(2)} s CPU`;
    return {
      figure: `video: ${figure}; ${names.length} clips of 720p30 H.264, ${kind}`,
      ours: side(told.keys),
      peer: side(told.second),
      ratio: `${ratio.toFixed(1)} × CPU`,
      mustReach: mustReach === null ? '' : `≥ ${mustReach} × CPU`,
      reached: mustReach === null ? null : ratio >= mustReach,
    };
  };
  return [
    row('key-frame pass against a full decode at 1 frame/s', ({ cpuSeconds }) => cpuSeconds, 8),
    row('the same with the start of Node and ffprobe for the facts (ours only)', ({ allSeconds }) => allSeconds, null),
  ];
}

async function foundFigures({ folder, names }: ClipSet): Promise<readonly Figure[]> {
  const scratch = scratchFolder(200e6);
  const found = { asked: 0, whole: 0, pruned: 0, kept: 0, decoded: 0, most: 0 };
  try {
    for (const name of names) {
      const again = join(scratch, name);
      encodeAgain(join(folder, name), again);
      const known = await withFile(join(folder, name), (decoders, content) => hashEveryFrame(decoders, content, { pruneBits: 0 }));
      const pruned = await withFile(join(folder, name), (decoders, content) => hashEveryFrame(decoders, content, { pruneBits: PRUNE_BITS }));
      const { frames } = await withFile(again, hashVideo);
      const usable = frames.filter(({ quality }) => quality >= MIN_QUALITY);
      const distances = usable.map((frame) => nearest(frame, known.frames));
      found.asked += usable.length;
      found.whole += distances.filter((bits) => bits <= MATCH_DISTANCE_BITS).length;
      found.most = Math.max(found.most, ...distances);
      found.pruned += usable.filter((frame) => nearest(frame, pruned.frames) <= MATCH_DISTANCE_BITS).length;
      found.kept += pruned.counts.kept;
      found.decoded += pruned.counts.decoded;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const figure = (what: string, hits: number, mustReach: string): Figure => ({
    figure: `video: key frames of a re-encode (480p, other instants) within ${MATCH_DISTANCE_BITS} bits of ${what}`,
    ours: `${hits} of ${found.asked}`,
    peer: '',
    ratio: `${((100 * hits) / found.asked).toFixed(1)} %`,
    mustReach,
    reached: mustReach === '' ? null : hits === found.asked,
  });
  return [
    figure(`every frame of the clip; the farthest ${found.most} bits`, found.whole, '100 %'),
    figure(`the frames kept at p = ${PRUNE_BITS}: ${found.kept} of ${found.decoded}`, found.pruned, ''),
  ];
}

/** Fewest bits to any of the frames, in the nearer of the two dialects. */
function nearest(frame: VideoFrame, all: readonly VideoFrame[]): number {
  const dialects: readonly Dialect[] = ['512nn', 'full'];
  return Math.min(...all.flatMap((one) => dialects.map((dialect) => hammingDistance(one.hashes[dialect].hash, frame.hashes[dialect].hash))));
}

async function withFile<T>(path: string, work: (decoders: ReturnType<typeof fileDecoders>['decoders'], content: ReturnType<typeof fileDecoders>['content']) => Promise<T>): Promise<T> {
  const { decoders, content, close } = fileDecoders(path);
  try {
    return await work(decoders, content);
  } finally {
    close();
  }
}

export const videoBench: Bench = { name: 'video', about: 'key frames against a full decode; re-encodes found', run };
