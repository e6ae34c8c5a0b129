import { problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent } from '../container.ts';
import type { ContentKind } from '../sniff-content.ts';
import { readThumbcache } from './read-thumbcache.ts';
import { readThumbdata } from './read-thumbdata.ts';
import { readThumbsDb } from './read-thumbs-db.ts';

export type ThumbnailStoreKind = Extract<ContentKind, `thumbnails/${string}`>;

/** The thumbnails of a store, each as a member that lies in it in place. */
export function* readThumbnailStore(source: RandomAccessSource, kind: ThumbnailStoreKind): Generator<ContainerEvent> {
  switch (kind) {
    case 'thumbnails/thumbs-db':
      yield* readThumbsDb(source);
      return;
    case 'thumbnails/thumbcache':
      yield* readThumbcache(source);
      return;
    case 'thumbnails/thumbdata':
      yield* readThumbdata(source);
      return;
    case 'thumbnails/quicklook-index':
      // Its bitmaps lie bare in thumbnails.data beside it and only this database says where.
      yield { type: 'problem', problem: problemFrom(new UnsupportedError('thumbnails-unsupported', 'The QuickLook store of macOS (index.sqlite, thumbnails.data) is not read.')) };
  }
}
