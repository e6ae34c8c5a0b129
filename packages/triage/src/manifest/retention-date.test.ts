import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRetention } from './retention-date.ts';
import { NOW } from './test-manifests.ts';

test('a retention is a number of days or a date to come', () => {
  assert.equal(parseRetention('90', NOW), '2026-08-30T12:00:00.000Z');
  assert.equal(parseRetention('2027-03-01', NOW), '2027-03-01T00:00:00.000Z');
  for (const text of ['', '0', '-1', '3651', '1.5', 'never', '2026-06-01', '2027-02-31', '2027-13-01', '01/02/2027', '2099-01-01', '2027-03-01T00:00']) {
    assert.throws(() => parseRetention(text, NOW), { code: 'retention-not-understood' }, text);
  }
});
