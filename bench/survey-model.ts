import { DEFAULT_TARGET, loadSurveyParts, type SurveyPlan } from '@kerbside/triage';
import { DISK_5400, DISK_7200, DiskModel, type DiskShape, type PlantedExtent } from './disk-model.ts';
import type { Bench, BenchOptions, Figure } from './figure.ts';
import { FILES_ANYWHERE, FOLDER, LAYOUTS, type KnownPiece, type LayoutKind } from './survey-layouts.ts';
import { chanceOfAtLeast, countHoldingChunks, firstMeeting, listReads, placeLayout, planFor, randomMiss, statedMiss, type FirstMeeting } from './survey-miss.ts';

const { chooseChunk, createMeter, indexWindowBytes } = await loadSurveyParts();

const DISK_BYTES = 1e12;
const CERTAIN_READS = 47_684;
const LAYOUT_COUNT = 2000;
const FOLDER_MINUTES = 12;
const WINDOW_BYTES = indexWindowBytes(1);
const BLOCK_BYTES = 4096;

/** A count that chance explains less often than this is one too many; some 100 comparisons are made. */
const TOO_UNLIKELY = 1e-4;

/** Jittered passes after which misses are counted; the last is the pass that reaches 99 %. */
const STOP_PASSES = [10, 25, 50, 75, 108];

export const surveyModelBench: Bench = {
  name: 'survey-model',
  about: 'model disk of 1 TB: reads until certain, misses of 2,000 layouts of each kind, minutes on a spinning disk',
  run: async (options) => [readsUntilCertain(), ...[64, 256].flatMap((kib) => missFigures(kib * 1024, options)), ...[DISK_7200, DISK_5400].flatMap((disk) => minuteFigures(disk, options))],
};

/** Drives the meter through the systematic passes and asks it, read by read near the end, when 20 MiB are certain. */
function readsUntilCertain(): Figure {
  const counts = [64, 128, 256].flatMap((kib) => Array.from({ length: 10 }, (_, seed) => countUntilCertain(kib * 1024, `certain ${seed}`)));
  return {
    figure: '1 TB model disk, unbroken 20 MiB: reads until certain (64, 128 and 256 KiB chunks, 10 seeds each)',
    ours: `${Math.min(...counts).toLocaleString('en')} to ${Math.max(...counts).toLocaleString('en')}`,
    peer: 'simple random: never certain; 219,590 for 99 %',
    ratio: `${(219_590 / Math.max(...counts)).toFixed(1)} × fewer`,
    mustReach: `≤ ${CERTAIN_READS.toLocaleString('en')}`,
    reached: Math.max(...counts) <= CERTAIN_READS,
  };
}

function countUntilCertain(chunkBytes: number, seed: string): number {
  const plan = planFor(DISK_BYTES, chunkBytes, seed);
  const meter = createMeter(plan, { indexWindowBytes: WINDOW_BYTES, indexedShare: 1 });
  let reads = 0;
  for (const [passIndex, pass] of plan.passes.entries()) {
    if (pass.kind !== 'systematic') break;
    for (let i = 0; i < pass.reads; i += 1) {
      meter.note(passIndex, i);
      reads += 1;
      const { unbrokenBytes } = meter.figures({ filesChecked: 0, filesTotal: 0 });
      if (unbrokenBytes !== null && unbrokenBytes <= DEFAULT_TARGET.unbrokenBytes) return reads;
    }
  }
  return Infinity;
}

interface Counted {
  readonly meetings: FirstMeeting[];
  /** Chunks of the plan's grid that hold a known block, layout by layout: what random sampling would have to hit. */
  readonly holding: number[];
  readonly pieces: readonly KnownPiece[];
}

/** What was counted for a chunk, because misses and minutes are told of the same layouts. */
const countedFor = new Map<number, Map<LayoutKind, Counted>>();

/** Every layout of every kind, each number under a seed of its own. */
function countMeetings(chunkBytes: number, layouts: number): Map<LayoutKind, Counted> {
  const known = countedFor.get(chunkBytes);
  if (known !== undefined) return known;
  const counted = new Map<LayoutKind, Counted>([...LAYOUTS, FILES_ANYWHERE].map((kind) => [kind, { meetings: [], holding: [], pieces: placeLayout(kind, DISK_BYTES, 0) }]));
  for (let number = 0; number < layouts; number += 1) {
    const plan = planFor(DISK_BYTES, chunkBytes, `layout ${number}`);
    const reads = listReads(plan);
    for (const [kind, { meetings, holding }] of counted) {
      const pieces = placeLayout(kind, DISK_BYTES, number);
      meetings.push(firstMeeting(reads, pieces));
      holding.push(countHoldingChunks(plan, pieces));
    }
  }
  countedFor.set(chunkBytes, counted);
  return counted;
}

function missFigures(chunkBytes: number, options: BenchOptions): Figure[] {
  const layouts = options.quick ? 60 : LAYOUT_COUNT;
  const plan = planFor(DISK_BYTES, chunkBytes, 'layout 0');
  const counted = countMeetings(chunkBytes, layouts);
  const systematicReads = plan.passes.filter(({ kind }) => kind === 'systematic').reduce((sum, { reads }) => sum + reads, 0);
  const perPass = plan.passes.find(({ kind }) => kind === 'jittered')!.reads;
  const stops = [Math.round(systematicReads / 4), Math.round(systematicReads / 2), systematicReads, ...STOP_PASSES.map((passes) => systematicReads + passes * perPass)];
  return [...counted].map(([kind, { meetings, holding, pieces }]) => {
    const planned = stops.map((stop) => meetings.filter(({ read }) => read > stop).length);
    const random = stops.map((stop) => holding.reduce((sum, hits) => sum + randomMiss(plan.grid.count, hits, stop), 0) / layouts);
    const jittered = STOP_PASSES.map((passes) => meetings.filter(({ jitteredRead }) => jitteredRead > passes * perPass).length);
    const stated = STOP_PASSES.map((passes) => statedMiss(DISK_BYTES, pieces, passes * perPass));
    const jitteredRandom = STOP_PASSES.map((passes) => holding.reduce((sum, hits) => sum + randomMiss(plan.grid.count, hits, passes * perPass), 0) / layouts);
    const isExcess = (count: number, probability: number): boolean => chanceOfAtLeast(count, layouts, probability) < TOO_UNLIKELY;
    const broken = planned.some((count, i) => isExcess(count, random[i]!)) || jittered.some((count, i) => isExcess(count, stated[i]!) || isExcess(count, jitteredRandom[i]!));
    return {
      figure: `misses of ${layouts} layouts, ${kind.name}, chunks of ${chunkBytes / 1024} KiB; after ${stops.map((stop) => `${Math.round(stop / 1000)}`).join(', ')} thousand reads; and of the jittered reads alone after ${STOP_PASSES.map((passes) => Math.round((passes * perPass) / 1000)).join(', ')} thousand`,
      ours: `${percents(planned.map((count) => count / layouts))}; jittered alone ${percents(jittered.map((count) => count / layouts))}`,
      peer: `simple random, same reads: ${percents(random)}; ${percents(jitteredRandom)}`,
      ratio: `meter states at most ${percents(stated)}`,
      mustReach: 'never above what is stated, never above simple random',
      reached: !broken,
    };
  });
}

function percents(shares: readonly number[]): string {
  return `${shares.map((share) => (share * 100).toFixed(share >= 0.1 ? 0 : 2)).join(', ')} %`;
}

/** Minutes on a model disk, with the chunk that its own rates ask for. */
function minuteFigures(disk: DiskShape, options: BenchOptions): Figure[] {
  const layouts = options.quick ? 60 : LAYOUT_COUNT;
  const measured = measureDisk(disk);
  const chunkBytes = chooseChunk(measured);
  const plan = planFor(DISK_BYTES, chunkBytes, 'layout 0');
  const counted = countMeetings(chunkBytes, layouts);
  const minutes = clockReads(disk, plan);
  const confirmed = readUntilMet(disk, chunkBytes);
  const about = `${disk.name} (model: ${measured.moveMs.toFixed(1)} ms a move, ${Math.round(measured.bytesPerSecond / 1e6)} MB/s, no command queue), chunks of ${chunkBytes / 1024} KiB`;
  const judged = disk === DISK_7200;
  const rows = [FOLDER, FILES_ANYWHERE].map((kind): Figure => {
    const reads = counted.get(kind)!.meetings.map(({ read }) => read).toSorted((one, other) => one - other);
    const at99 = reads[Math.ceil(reads.length * 0.99) - 1]!;
    const median = reads[Math.ceil(reads.length / 2) - 1]!;
    return {
      figure: `${about}: minutes until 99 % of ${layouts} layouts are met, ${kind.name}`,
      ours: `${minutes[at99 - 1]!.toFixed(1)} min (${at99.toLocaleString('en')} reads); half of them after ${minutes[median - 1]!.toFixed(1)} min`,
      peer: `219,590 random reads of 4 KiB, ascending: ${judged ? '22' : '27.6'} min (reference)`,
      ratio: '',
      mustReach: judged && kind === FOLDER ? `≤ ${FOLDER_MINUTES} min` : '',
      reached: judged && kind === FOLDER ? minutes[at99 - 1]! <= FOLDER_MINUTES : null,
    };
  });
  const systematicReads = plan.passes.filter(({ kind }) => kind === 'systematic').reduce((sum, { reads }) => sum + reads, 0);
  rows.push({
    figure: `${about}: minutes until the meter itself states it`,
    ours: `20 MiB unbroken, certain: ${minutes[systematicReads - 1]!.toFixed(1)} min; 20 MiB scattered, 99 %: ${minutes.at(-1)!.toFixed(1)} min (with a queue of 32: ${queuedMinutes(disk, plan).toFixed(1)} min)`,
    peer: '',
    ratio: `${confirmed.toLocaleString('en')} reads through the model's own bytes met a folder where the geometry says so`,
    mustReach: '',
    reached: null,
  });
  return rows;
}

/** As a run measures a device before it plans: some ascending moves, and some reading on. */
function measureDisk(shape: DiskShape): { moveMs: number; bytesPerSecond: number } {
  const disk = new DiskModel(shape);
  const step = DEFAULT_TARGET.unbrokenBytes;
  // Two seconds' worth.
  const moves = 330;
  for (let i = 0; i < moves; i += 1) disk.advance({ offset: shape.sizeBytes / 2 + i * step, length: BLOCK_BYTES });
  const moveMs = disk.nowMs / moves;
  const length = 64 * 1024 ** 2;
  const before = disk.nowMs;
  disk.advance({ offset: shape.sizeBytes / 2 + moves * step, length });
  return { moveMs, bytesPerSecond: length / ((disk.nowMs - before - moveMs) / 1000) };
}

/** Model minutes at the end of each read of the plan. */
function clockReads(shape: DiskShape, plan: SurveyPlan): number[] {
  const disk = new DiskModel(shape);
  return plan.passes.flatMap(({ reads }, passIndex) =>
    Array.from({ length: reads }, (_, i) => {
      disk.advance(plan.readAt(passIndex, i));
      return disk.nowMs / 60_000;
    }),
  );
}

function queuedMinutes(shape: DiskShape, plan: SurveyPlan): number {
  const disk = new DiskModel(shape);
  // Pass by pass: the meter counts complete passes, so that the queue is drained at the end of each.
  for (const [passIndex, { reads }] of plan.passes.entries()) disk.advanceQueued(Array.from({ length: reads }, (_, i) => plan.readAt(passIndex, i)), 32);
  return disk.nowMs / 60_000;
}

/** Marks a planted block, so that the loop below recognises it by its bytes. */
const MARK = Buffer.from('known picture of a bridge, block ');

/**
 * The same plan through the model as through a device: every byte of each read is fetched, and its blocks are looked at.
 * @returns reads until a planted folder was met
 * @throws Error when it is not met with the read that the geometry names
 */
function readUntilMet(shape: DiskShape, chunkBytes: number): number {
  const pieces = placeLayout(FOLDER, shape.sizeBytes, 0);
  const planted = pieces.map(({ offset, blocks }): PlantedExtent => ({
    offset,
    length: blocks * BLOCK_BYTES,
    fill: (target, position) => {
      for (let block = Math.ceil(position / BLOCK_BYTES); block * BLOCK_BYTES < position + target.length; block += 1) target.set(MARK.subarray(0, target.length - (block * BLOCK_BYTES - position)), block * BLOCK_BYTES - position);
    },
  }));
  const disk = new DiskModel(shape, planted);
  const plan = planFor(shape.sizeBytes, chunkBytes, 'layout 0');
  const expected = firstMeeting(listReads(plan), pieces).read;
  const buffer = Buffer.alloc(chunkBytes + BLOCK_BYTES);
  let reads = 0;
  for (const [passIndex, pass] of plan.passes.entries()) {
    for (let i = 0; i < pass.reads; i += 1) {
      const { offset, length } = plan.readAt(passIndex, i);
      const target = buffer.subarray(0, length);
      disk.readInto(target, offset);
      reads += 1;
      for (let at = 0; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) {
        if (!target.subarray(at, at + MARK.length).equals(MARK)) continue;
        if (reads !== expected) throw new Error(`met with read ${reads}, not ${expected}`);
        return reads;
      }
    }
  }
  throw new Error('the planted folder was not met');
}
