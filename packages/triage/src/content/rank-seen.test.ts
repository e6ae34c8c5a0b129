import assert from 'node:assert/strict';
import test from 'node:test';
import { Catalogue } from '../catalogue.ts';
import { NO_CONTEXT } from '../ranking/search-context.ts';
import type { MediaFacts } from './media-facts.ts';
import type { NearHit } from './near-hit.ts';
import { rankSeen } from './rank-seen.ts';

const TIMES = { created: null, modified: null, accessed: null, changed: null };

function catalogueOf(...names: string[]): Catalogue {
  const catalogue = new Catalogue();
  for (const name of names) {
    catalogue.add('p1', { kind: 'file', parent: null, name: { bytes: Buffer.from(name), encoding: 'utf-8' }, streamName: null, sizeBytes: 9, state: 'allocated', id: name, times: TIMES, content: { form: 'extents', extents: [{ kind: 'data', sourceOffset: 0, length: 9 }] }, recovery: null, partial: false }, false);
  }
  return catalogue;
}

function facts(member: string, number: number): MediaFacts {
  // Hashes far from each other, so that none stands for another.
  const hash = Buffer.alloc(32, [0x0f, 0x33, 0x55, 0xf0, 0xaa][number % 5]).toString('hex');
  return { member, kind: 'picture', format: 'jpeg', width: 800, height: 600, sizeBytes: 9, frames: 1, seconds: null, damaged: null, takenAt: null, latitude: null, longitude: null, make: null, model: null, serial: null, software: null, hash, quality: 90, thumbnailDiffers: false, faces: null, scores: [] };
}

test('what is known, looks alike or is ignorable is not ranked; what no set knows is, members too', () => {
  const catalogue = catalogueOf('known.jpg', 'alike.jpg', 'wallpaper.jpg', 'a.zip', 'new.jpg');
  const media = [facts('', 0), facts('', 1), facts('', 2), facts('\\[zip]/x.jpg', 3), facts('', 4)].map((one, ordinal) => ({ ordinal, facts: one }));
  const ranking = rankSeen({
    catalogue,
    media,
    hits: [{ path: 'p1/known.jpg', meaning: 'alert' }, { path: 'p1/wallpaper.jpg', meaning: 'ignorable' }],
    nearHits: [{ path: 'p1/alike.jpg' } as NearHit],
    context: NO_CONTEXT,
    seed: 'a',
  });
  const ranked = [...ranking.rows, ...ranking.sample.items].map(({ path }) => path);
  assert.deepEqual([...new Set(ranked)].sort(), ['p1/a.zip/\\[zip]/x.jpg', 'p1/new.jpg']);
  assert.deepEqual(ranking.context, { known: 1, similar: 1, ignorable: 1 });
  assert.equal(ranking.items, 2);
});
