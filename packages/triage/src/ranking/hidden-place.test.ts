import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findHiddenPlace } from './hidden-place.ts';

const at = (path: string, change: { hiddenAttribute?: boolean; underNoMedia?: boolean } = {}) =>
  findHiddenPlace({ path, hiddenAttribute: change.hiddenAttribute ?? null, underNoMedia: change.underNoMedia ?? null });

it('names vault apps by whole components, in any case', () => {
  for (const path of [
    'p1/data/data/com.netqin.ps/files/a.bin',
    'p1/media/0/.GalleryVault_DoNotDelete_1534/files/x',
    'backup.ab/apps/COM.FLATFISH.CAL.PRIVACY/f/1.jpg',
    'p1/media/150/DCIM/a.jpg',
    'p3/Stuff.{21EC2020-3AEA-1069-A2DD-08002B30309D}/a.jpg',
  ]) assert.equal(at(path)?.level, 'vault', path);
  assert.equal(at('p1/com.netqin.psx/a.jpg'), null);
  assert.equal(at('p1/media/1501/a.jpg'), null);
});

it('tells dot folders, .nomedia and the hidden attribute, and nothing of an ordinary place', () => {
  assert.match(at('p1/DCIM/.private/a.jpg')!.sentence, /dot/);
  assert.match(at('p1/DCIM/.a.jpg')!.sentence, /dot/);
  assert.match(at('p1/DCIM/a.jpg', { underNoMedia: true })!.sentence, /nomedia/);
  assert.match(at('p1/Photos/a.jpg', { hiddenAttribute: true })!.sentence, /attribute/);
  assert.equal(at('p3/System Volume Information/a.jpg')?.level, 'hidden');
  for (const path of ['p1/DCIM/a.jpg', 'p1/./a.jpg', 'p1/../a.jpg', 'a.jpg', '']) assert.equal(at(path), null, path);
  assert.equal(at('p1/DCIM/a.jpg', { underNoMedia: false, hiddenAttribute: false }), null, 'a fact that says no gives no reason');
});
