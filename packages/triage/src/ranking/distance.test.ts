import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { distanceM, isPlace } from './distance.ts';

const place = fc.record({ latitude: fc.double({ min: -90, max: 90, noNaN: true }), longitude: fc.double({ min: -180, max: 180, noNaN: true }) });

it('agrees with known distances', () => {
  const bigBen = { latitude: 51.5007, longitude: -0.1246 };
  const libertyIsland = { latitude: 40.6892, longitude: -74.0445 };
  assert.ok(Math.abs(distanceM(bigBen, libertyIsland) - 5_574_840) < 5000);
  assert.ok(Math.abs(distanceM({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 }) - 111_195) < 1);
  assert.ok(distanceM({ latitude: 10, longitude: 179.9999 }, { latitude: 10, longitude: -179.9999 }) < 25, 'across the date line');
});

it('is symmetric, nought for the same place, and never more than half the way round', () => {
  fc.assert(fc.property(place, place, (a, b) => {
    assert.equal(distanceM(a, a), 0);
    assert.ok(Math.abs(distanceM(a, b) - distanceM(b, a)) < 1e-6);
    assert.ok(distanceM(a, b) <= 20_015_200);
  }));
});

it('knows no place where a camera wrote nothing or nonsense', () => {
  for (const [latitude, longitude] of [[0, 0], [91, 0], [0, 181], [Number.NaN, 3], [3, Number.POSITIVE_INFINITY]] as const) assert.equal(isPlace({ latitude, longitude }), false);
  assert.equal(isPlace({ latitude: 0, longitude: 3 }), true);
});
