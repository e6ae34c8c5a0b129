import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Layout, Volume } from '@kerbside/evidence';
import { Catalogue } from '../catalogue.ts';
import { dataAt, fileItem } from '../test-fakes.ts';
import { ALL_PHASES, segmentAt } from './grid-map.ts';
import { gridOfLayout, MAX_CONTAINER_PIECES } from './grid-of-layout.ts';

const SOURCE_BYTES = 2 ** 40;
const FILE_SYSTEM = { clusterGridOffset: 0, clusterSizeBytes: 4096 };
const LAYOUT = { volumes: [{ volume: { startOffset: 0, sizeBytes: SOURCE_BYTES } as Volume, content: { state: 'file-system', fileSystem: FILE_SYSTEM, basis: 'primary' } }], gaps: [] } as unknown as Layout;

test('containers are searched on every sector, other files on the clusters of their volume', () => {
  const catalogue = new Catalogue();
  catalogue.add('p1', fileItem('backup.TAR', 8192, dataAt([40_960, 4096], [81_920, 4096])));
  catalogue.add('p1', fileItem('notes.txt', 4096, dataAt([122_880, 4096])));
  const { grid, problem } = gridOfLayout(SOURCE_BYTES, LAYOUT, catalogue);
  assert.deepEqual([0, 40_960, 45_056, 81_920, 122_880].map((at) => grid.masks[segmentAt(grid, at)]), [1, ALL_PHASES, 1, ALL_PHASES, 1]);
  assert.equal(problem, null);
});

test('more pieces of containers than get a grid are told, also where one file has them all', () => {
  const pieces = Array.from({ length: MAX_CONTAINER_PIECES + 1 }, (_, index): [number, number] => [index * 8192, 4096]);
  const catalogue = new Catalogue();
  catalogue.add('p1', fileItem('disk.vmdk', pieces.length * 4096, dataAt(...pieces)));
  const { grid, problem } = gridOfLayout(SOURCE_BYTES, LAYOUT, catalogue);
  assert.equal(problem?.code, 'survey-containers-limit');
  assert.equal(grid.masks[segmentAt(grid, (MAX_CONTAINER_PIECES - 1) * 8192)], ALL_PHASES);
  assert.equal(grid.masks[segmentAt(grid, MAX_CONTAINER_PIECES * 8192)], 1);
});
