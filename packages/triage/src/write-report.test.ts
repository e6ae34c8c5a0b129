import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from './report-types.ts';
import { reportJson } from './write-report.ts';

/** As much of a report as the writer looks at: rows, an empty list, nested values, texts with line breaks. */
const report = {
  formatVersion: 2,
  verdict: 'needs-examination',
  reasons: [],
  hits: Array.from({ length: 3000 }, (_, number) => ({ path: `v1/match\n${number} “final”.jpg`, digests: { md5: 'aa', sha1: 'bb' }, confirmedBy: ['md5'], contradictedBy: [], recovery: null })),
  problems: [{ code: 'unreadable-bytes', kind: 'medium', message: 'm', where: {}, count: 1 }],
  volumes: [],
  gaps: [],
  sets: [],
  controls: 'absent',
} as unknown as Report;

test('the pieces together are the indented JSON of the report', () => {
  assert.equal([...reportJson(report)].join(''), `${JSON.stringify(report, null, 2)}\n`);
});

test('no piece is longer than a row', () => {
  assert.ok([...reportJson(report)].every((piece) => piece.length < 500));
});
