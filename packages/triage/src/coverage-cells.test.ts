import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Layout } from '@kerbside/evidence';
import { Catalogue, STATUS } from './catalogue.ts';
import { mapCoverage } from './coverage-cells.ts';
import { dataAt, fileItem } from './test-fakes.ts';

const CELL = 64 * 1024;
const SECTOR = 4096;
const NOTHING = { volumes: [], gaps: [] } as unknown as Layout;

test('a cell is read only where every byte of it was, however many items share its clusters', () => {
  const item = fc.record({ at: fc.nat(60), sectors: fc.integer({ min: 1, max: 20 }), isRead: fc.boolean() });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 12 }), fc.array(fc.nat(79), { maxLength: 30 }), (items, surveyed) => {
      const sourceBytes = 80 * SECTOR;
      const catalogue = new Catalogue();
      for (const [index, { at, sectors, isRead }] of items.entries()) {
        catalogue.add('p1', fileItem(`f${index}`, sectors * SECTOR, dataAt([at * SECTOR, sectors * SECTOR])));
        catalogue.setStatus(index, isRead ? STATUS.read : STATUS.gated);
      }
      const reads = [...new Set(surveyed)].map((sector) => ({ offset: sector * SECTOR, length: SECTOR }));
      const parts = mapCoverage({ sourceBytes, catalogue, layout: NOTHING, unreadable: [], hits: [], surveyReads: reads });
      assert.equal(parts.reduce((sum, { length }) => sum + length, 0), sourceBytes);
      const holds = (sector: number, wanted: boolean): boolean => items.some(({ at, sectors, isRead }) => isRead === wanted && at <= sector && sector < at + sectors);
      for (const { offset, length, state } of parts) {
        for (let cell = offset; cell < offset + length; cell += CELL) {
          const sectors = Array.from({ length: Math.min(CELL, sourceBytes - cell) / SECTOR }, (_, index) => cell / SECTOR + index);
          if (state === 'read') assert.ok(sectors.every((sector) => holds(sector, true)) || sectors.every((sector) => surveyed.includes(sector)));
          if (state === 'gated') assert.ok(sectors.every((sector) => holds(sector, false)));
          if (state === 'not-read') assert.ok(sectors.every((sector) => !holds(sector, true) && !holds(sector, false) && !surveyed.includes(sector)));
        }
      }
    }),
    { numRuns: 300 },
  );
});
