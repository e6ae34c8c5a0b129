import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '@kerbside/bytes';
import { createProblemLog, LISTED_PROBLEMS_PER_CODE } from './problem-log.ts';

const problem = (code: string, number: number): Problem => ({ kind: 'medium', code, message: `number ${number}`, where: {} });

test('past the limit problems of one code are counted, never dropped, and other codes stay listed', () => {
  const first = createProblemLog();
  for (let number = 0; number < LISTED_PROBLEMS_PER_CODE + 5; number++) first.add(problem('bad-sector', number));
  first.add(problem('alone', 1));
  const log = createProblemLog();
  log.addAll(first);
  log.add(problem('bad-sector', -1));
  const list = log.list();
  assert.equal(log.total, LISTED_PROBLEMS_PER_CODE + 7);
  assert.equal(list.length, LISTED_PROBLEMS_PER_CODE + 2);
  assert.deepEqual([list[0]!.code, list[1]!.message], ['alone', 'number 0']);
  assert.equal(list.at(-1)!.count, 6);
  assert.equal(list.reduce((sum, one) => sum + one.count, 0), log.total);
  assert.deepEqual(log.counts(), [{ code: 'alone', kind: 'medium', count: 1 }, { code: 'bad-sector', kind: 'medium', count: LISTED_PROBLEMS_PER_CODE + 6 }]);
});
