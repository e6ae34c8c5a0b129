import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rankMedia } from '../ranking/rank-media.ts';
import { reportRanking } from '../ranking/report-ranking.ts';
import type { SeenMedia } from '../ranking/seen-media.ts';
import { NO_CONTEXT, type SearchContext } from '../ranking/search-context.ts';
import { plainMedia, TEST_CONTEXT } from '../ranking/test-media.ts';
import { rankingSection } from './ranking-section.ts';

const page = (items: readonly SeenMedia[], context: SearchContext = NO_CONTEXT): string => rankingSection(reportRanking(rankMedia(items, context), 'run 1'))!.markup;

it('shows facts and reasons in columns, and nothing that could be a picture', () => {
  const text = page([plainMedia(1, { make: 'Northlight', model: 'N-20', serial: 'A1', gps: { latitude: 54.5748, longitude: -1.2349 }, widthPx: 4000, heightPx: 3000, state: 'deleted' }), plainMedia(2)], TEST_CONTEXT);
  assert.match(text, /<th scope="col">Camera of the search<\/th><th scope="col">Near the premises<\/th><\/tr>/, 'only columns that speak');
  assert.match(text, /<td data-label="Near the premises">67 m <span class="points">\+30<\/span><\/td>/);
  assert.match(text, /Made by exhibit SMB\/14: make, model and serial number agree\. Its GPS place is 67 m from the premises\./);
  assert.match(text, /picture, 4,000 × 3,000, deleted, Northlight N-20/);
  assert.match(text, /Columns that say nothing in this run.*<dt>Faces<\/dt><dd>Not available/s);
  assert.doesNotMatch(text, /<(img|video|audio|canvas|svg|picture|object|iframe)|url\(|detected|probab|guilty/i);
  assert.match(text, /says nothing of guilt/);
});

it('escapes every text that comes from evidence', () => {
  const evil = '"><script>alert(1)</script>';
  const text = page([plainMedia(1, { path: `p1/.x/${evil}`, folder: 'p1/.x', make: evil, model: evil, format: evil, software: evil, underNoMedia: true, faces: 3 })], { ...NO_CONTEXT, cameras: [{ make: evil, model: evil, serial: null, namedAs: evil }] });
  assert.doesNotMatch(text, /<script|"><s/);
});

it('caps its rows and says so; the low band is told by its sample', () => {
  const many = Array.from({ length: 260 }, (_, index) => plainMedia(index, { path: `p1/data/com.netqin.ps/${index}` }));
  const low = Array.from({ length: 400 }, (_, index) => plainMedia(1000 + index));
  const text = page([...many, ...low]);
  assert.match(text, /The first 200 of 260 of the high and middle bands/);
  assert.match(text, /59 of 400 shown items of the low band, drawn at random/);
  assert.equal(text.match(/<tr class="first">/g)!.length, 200 + 59);
  assert.match(page(low), /Nothing stands in the high or middle band/);
});

it('says that there is nothing to review, and nothing where no ranking was made', () => {
  assert.match(page([]), /no picture or video that a set does not know/);
  assert.equal(rankingSection(null), null);
});

it('lists no more than the report may hold', () => {
  const ranking = rankMedia(Array.from({ length: 50 }, (_, index) => plainMedia(index)), NO_CONTEXT);
  assert.deepEqual([reportRanking(ranking, 's', 20).rows.length, reportRanking(ranking, 's', 20).rowsNotListed, reportRanking(ranking, 's', 0).rows.length], [20, 30, 0]);
  assert.deepEqual(reportRanking(ranking, 's'), reportRanking(ranking, 's'));
});
