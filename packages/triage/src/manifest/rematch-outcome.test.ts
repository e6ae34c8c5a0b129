import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManifestAnswer, SetAnswer } from './rematch-manifests.ts';
import { rematchOutcome } from './rematch-outcome.ts';

const NOTHING = { asked: true, set: 's', setDigest: '', setStatesSizes: true, hits: 0, hitsByCategory: {}, sizeCandidates: { read: 0, gated: 0, problem: 0, unread: 0 }, blockLeads: null, blockCodesAsked: 0 } as const;

function device(answer: Partial<Extract<SetAnswer, { asked: true }>> = {}, change: object = {}): ManifestAnswer {
  return {
    state: 'asked', path: 'a', label: null, runId: 'r', createdAt: '', expiresAt: '', complete: true,
    itemCounts: { read: 1, gated: 0, problem: 0, unread: 0 }, madeInFuture: false, answers: [{ ...NOTHING, ...answer }], ...change,
  };
}
const REFUSED: ManifestAnswer = { state: 'refused', path: 'b', code: 'manifest-altered', reason: '' };
const DESTROYED: ManifestAnswer = { state: 'destroyed', path: 'c', label: null, runId: 'r', expiresAt: '', fileDigest: '' };

test('only whole answers without a doubt come to none; a hit stands whatever else could not be asked', () => {
  const notAsked: SetAnswer = { asked: false, set: 's', setDigest: '', code: 'manifest-key-missing', reason: '' };
  const table: readonly (readonly [string, readonly ManifestAnswer[]])[] = [
    ['none', [device()]],
    ['none', [device({ blockLeads: 0 }), device()]],
    ['hits', [device({ hits: 1 })]],
    ['hits', [REFUSED, device(), device({ hits: 2 }), DESTROYED]],
    ['open', [device({ sizeCandidates: { read: 0, gated: 1, problem: 0, unread: 0 } })]],
    ['open', [device({ sizeCandidates: { read: 1, gated: 0, problem: 0, unread: 0 } })]],
    ['open', [device({ blockLeads: 1 })]],
    ['open', [device({}, { complete: false })]],
    ['open', [device({}, { madeInFuture: true })]],
    ['open', [device({}, { answers: [NOTHING, notAsked] })]],
    ['open', [device(), REFUSED]],
    ['open', [device(), DESTROYED]],
    ['open', [DESTROYED]],
    ['open', []],
    ['refused', [REFUSED, REFUSED]],
  ];
  for (const [outcome, answers] of table) assert.equal(rematchOutcome(answers), outcome, JSON.stringify(answers));
});
