import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { KerbsideError } from '@kerbside/bytes';
import { makePhotograph, makePicture, malformedPictures, type MalformedCase, type MalformedSeeds } from '@kerbside/corpus';
import sharp, { type Sharp } from 'sharp';
import { startDecoders } from '../pool/start-decoders.ts';
import type { Decoders } from '../pool/decoders.ts';
import { readPicture } from './read-picture.ts';

const WIDTH_PX = 96;
const HEIGHT_PX = 80;
let decoders: Decoders;
let cases: MalformedCase[];

async function makeSeeds(): Promise<MalformedSeeds> {
  const { pixels } = makePhotograph(3, WIDTH_PX, HEIGHT_PX);
  const raw = (): Sharp => sharp(pixels, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } });
  return {
    jpeg: await raw().jpeg().toBuffer(),
    png: await raw().png().toBuffer(),
    gif: await raw().gif().toBuffer(),
    webp: await raw().webp().toBuffer(),
    'webp-lossless': await raw().webp({ lossless: true }).toBuffer(),
    tiff: await raw().tiff({ compression: 'none' }).toBuffer(),
    'tiff-lzw': await raw().tiff({ compression: 'lzw' }).toBuffer(),
    avif: await raw().avif({ effort: 0 }).toBuffer(),
    bmp: makePicture({ kind: 'bmp', seed: 1, widthPx: WIDTH_PX, heightPx: HEIGHT_PX }),
  };
}

before(async () => {
  decoders = await startDecoders({ workers: 2, profile: 'picture' });
  cases = malformedPictures(await makeSeeds(), WIDTH_PX, HEIGHT_PX);
});

after(() => decoders.close());

async function outcomeOf({ bytes }: MalformedCase): Promise<{ outcome: string; frames: number | null }> {
  try {
    const { damaged, frames } = await readPicture(decoders, bytes, { mode: 'fast' });
    return { outcome: damaged === null ? 'whole' : 'damaged', frames };
  } catch (error) {
    ok(error instanceof KerbsideError, String(error));
    return { outcome: error.code, frames: null };
  }
}

test('there are 1,000 cases, each with a name of its own', () => {
  ok(cases.length >= 1000, `${cases.length} cases`);
  equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

test('every malformed picture ends as its case says, in the sandbox, and no worker dies of it', async () => {
  const outcomes = await Promise.all(cases.map(outcomeOf));
  const wrong = cases.flatMap(({ name, expected, frames }, i) => {
    const { outcome, frames: told } = outcomes[i]!;
    return outcome === expected && (frames === undefined || frames === told) ? [] : [`${name}: ${outcome} (${told}), not ${expected} (${frames ?? ''})`];
  });
  deepEqual(wrong, []);
});
