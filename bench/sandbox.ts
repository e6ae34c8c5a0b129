import { makePicture } from '@kerbside/corpus';
import { startDecoders, type DecodeContent } from '@kerbside/decode';
import { pairsOf, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { median } from './measure.ts';

const MUST_BE_AT_MOST = 1.05;

/**
 * The same pictures decoded in full by the same handler: in a sandboxed worker, bytes in and answer out,
 * and in the process of the bench itself, where nothing travels. Both warm, one picture at a time.
 */
export const sandboxBench: Bench = { name: 'sandbox', about: 'what the decode sandbox costs in steady state, against decoding in the open', run };

async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const pictures = Array.from({ length: options.quick ? 4 : 40 }, (_, seed) => makePicture({ kind: 'jpeg', seed, widthPx: 1600, heightPx: 1200, grain: 0.3 }));
  // Only here, in a process that holds nothing but its own pictures, is a decoder let run in the open.
  const { measure } = await import('../packages/decode/src/worker/measure.ts');
  const inTheOpen = (bytes: Uint8Array): Promise<unknown> => measure({}, { sizeBytes: bytes.length, bytes: () => bytes, readAt: async () => bytes }, async () => {});
  const decoders = await startDecoders({ workers: 1, profile: 'picture' });
  try {
    const sandboxed = (content: DecodeContent): Promise<unknown> => decoders.run({ kind: 'measure', request: {}, content });
    for (const bytes of pictures.slice(0, 4)) {
      await sandboxed({ bytes });
      await inTheOpen(bytes);
    }
    const ours: number[] = [];
    const peers: number[] = [];
    const ratios: number[] = [];
    for (let pair = 0; pair < pairsOf(options, 15); pair += 1) {
      let oursMs = 0;
      let peerMs = 0;
      // In turn, picture by picture, so that a busy moment of the machine falls on both.
      for (const bytes of pictures) {
        oursMs += await timeOf(() => sandboxed({ bytes }));
        peerMs += await timeOf(() => inTheOpen(bytes));
      }
      ours.push(oursMs / pictures.length);
      peers.push(peerMs / pictures.length);
      ratios.push(oursMs / peerMs);
    }
    const ratio = median(ratios);
    return [
      {
        figure: `full decode of ${pictures.length} JPEGs of 1600 × 1200, one at a time, worker warm`,
        ours: `${median(ours).toFixed(2)} ms a picture, sandboxed`,
        peer: `${median(peers).toFixed(2)} ms in the open`,
        ratio: `${ratio.toFixed(3)} × wall`,
        mustReach: `≤ ${MUST_BE_AT_MOST} ×`,
        reached: ratio <= MUST_BE_AT_MOST,
      },
    ];
  } finally {
    await decoders.close();
  }
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
