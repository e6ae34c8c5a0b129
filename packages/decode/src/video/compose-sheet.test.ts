import assert from 'node:assert/strict';
import test from 'node:test';
import { InternalError } from '@kerbside/bytes';
import type { Raster } from '../pdq/raster.ts';
import { composeSheet, SHEET_GAP_PX, sheetColumns } from './compose-sheet.ts';
import { turnRaster } from './turn-raster.ts';

const flat = (brightness: number, width = 3, height = 2): Raster => ({ width, height, channels: 1, data: new Uint8Array(width * height).fill(brightness) });

test('frames stand side by side in their order, with a grey gap between and none around', () => {
  const { width, height, data } = composeSheet([flat(10), flat(20), flat(30)]);
  assert.deepEqual([width, height], [6 + SHEET_GAP_PX, 4 + SHEET_GAP_PX]);
  const at = (x: number, y: number): number => data[y * width + x]!;
  assert.deepEqual([at(0, 0), at(2, 1), at(3, 0), at(3 + SHEET_GAP_PX, 0), at(0, 2), at(0, 2 + SHEET_GAP_PX), at(3 + SHEET_GAP_PX, 2 + SHEET_GAP_PX)], [10, 10, 0x80, 20, 0x80, 30, 0x80]);
});

test('there are as many rows as columns, or one fewer', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9, 10, 13, 16].map(sheetColumns), [1, 2, 2, 2, 3, 3, 4, 4, 4]);
});

test('frames of several sizes, or none, are a fault of ours', () => {
  for (const frames of [[], [flat(1), flat(1, 2, 3)]]) assert.throws(() => composeSheet(frames), InternalError);
});

test('a raster is turned clockwise', () => {
  const raster: Raster = { width: 3, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const turned = (degrees: number): unknown => {
    const { width, height, data } = turnRaster(raster, degrees);
    return [width, height, [...data]];
  };
  assert.deepEqual(turned(0), [3, 2, [1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(turned(90), [2, 3, [4, 1, 5, 2, 6, 3]]);
  assert.deepEqual(turned(180), [3, 2, [6, 5, 4, 3, 2, 1]]);
  assert.deepEqual(turned(270), [2, 3, [3, 6, 2, 5, 1, 4]]);
});
