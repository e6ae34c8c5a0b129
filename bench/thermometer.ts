import { gzipSync } from 'node:zlib';
import { makeDocument, makePicture, makeRandom } from '@kerbside/corpus';
import { loadSurveyParts, type ContentClass } from '@kerbside/triage';
import type { Bench, BenchOptions, Figure } from './figure.ts';
import { median } from './measure.ts';

const { classifyContent } = await loadSurveyParts();

const PIECE_BYTES = 16 * 1024;

/** How fast pieces of 16 KiB are classed, by what they hold, and how many of them rightly. */
export const thermometerBench: Bench = { name: 'thermometer', about: 'content classes of pieces of 16 KiB: rate and share classed rightly', run: (options) => Promise.resolve(run(options)) };

interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly right: readonly ContentClass[];
  readonly leastShare: number;
}

function run(options: BenchOptions): readonly Figure[] {
  const pieces = options.quick ? 500 : 20_000;
  return makeSamples(options.quick ? 1 : 8).map((sample) => {
    const random = makeRandom(1);
    const offsets = Array.from({ length: pieces }, () => random.below(sample.bytes.length - PIECE_BYTES));
    let right = 0;
    let pictures = 0;
    for (const offset of offsets) {
      const found = classifyContent(sample.bytes.subarray(offset, offset + PIECE_BYTES));
      if (sample.right.includes(found)) right += 1;
      if (found === 'picture') pictures += 1;
    }
    const rates = Array.from({ length: options.quick ? 1 : 5 }, () => rateOf(sample, offsets));
    const share = right / pieces;
    const falsePictures = sample.right.includes('picture') ? '' : `, called picture ${((pictures / pieces) * 100).toFixed(3)} %`;
    return {
      figure: `content class, ${sample.name}, ${pieces} pieces of 16 KiB`,
      ours: `${(share * 100).toFixed(2)} % ${sample.right.join(' or ')}${falsePictures}; ${median(rates).toFixed(2)} GB per CPU-second`,
      peer: 'none',
      ratio: '',
      mustReach: `≥ ${sample.leastShare * 100} %`,
      reached: share >= sample.leastShare,
    };
  });
}

function rateOf(sample: Sample, offsets: readonly number[]): number {
  const before = process.cpuUsage();
  for (const offset of offsets) classifyContent(sample.bytes.subarray(offset, offset + PIECE_BYTES));
  const { user, system } = process.cpuUsage(before);
  return (offsets.length * PIECE_BYTES) / (user + system) / 1000;
}

function makeSamples(scale: number): Sample[] {
  const random = Buffer.alloc(scale * 4_000_000);
  makeRandom(2).fill(random);
  const texts = Buffer.concat(Array.from({ length: scale }, (_, seed) => makeDocument('text', seed, 500_000)));
  return [
    { name: 'JPEG', bytes: Buffer.concat(Array.from({ length: scale }, (_, seed) => makePicture({ kind: 'jpeg', seed, widthPx: 1600, heightPx: 1200, grain: 0.6 }))), right: ['picture'], leastShare: 0.98 },
    { name: 'text', bytes: texts, right: ['document'], leastShare: 0.98 },
    { name: 'gzip of text', bytes: gzipSync(texts), right: ['compressed', 'high-entropy'], leastShare: 0.98 },
    { name: 'random bytes', bytes: random, right: ['high-entropy'], leastShare: 0.999 },
  ];
}
