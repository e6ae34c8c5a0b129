import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Catalogue } from '../catalogue.ts';
import { dataAt, fileItem } from '../test-fakes.ts';
import { buildItemIndex } from './item-index.ts';

test('each place leads to the live item that holds it, else to a deleted one, else to none', () => {
  const anyItem = fc.record({ offset: fc.nat(60), length: fc.integer({ min: 1, max: 20 }), live: fc.boolean() });
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 12 }), (items) => {
      const catalogue = new Catalogue();
      for (const [number, { offset, length, live }] of items.entries()) {
        catalogue.add('p1', fileItem(`f${number}`, length, dataAt([offset, length]), live ? {} : { state: 'deleted', recovery: { basis: 'runs-survive' } }));
      }
      const index = buildItemIndex(catalogue);
      for (let at = 0; at < 90; at++) {
        const holding = items.flatMap((item, ordinal) => (at >= item.offset && at < item.offset + item.length ? [ordinal] : []));
        const live = holding.filter((ordinal) => items[ordinal]!.live);
        const found = index.at(at);
        if (live.length > 0) assert.ok(live.includes(found));
        else assert.equal(found, holding.length > 0 ? Math.min(...holding) : -1);
      }
    }),
  );
});
