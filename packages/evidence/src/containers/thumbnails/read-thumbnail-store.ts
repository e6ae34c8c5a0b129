import { problemFrom, UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import type { ContainerEvent } from '../container.ts';
import type { ContentKind } from '../sniff-content.ts';
import { readThumbcache } from './read-thumbcache.ts';
import { readThumbdata } from './read-thumbdata.ts';
import { readThumbsDb } from './read-thumbs-db.ts';

export type ThumbnailStoreKind = Extract<ContentKind, `thumbnails/${string}`>;

/** The thumbnails of a store that is one file, each as a member that lies in it in place; a store that is not read is told by name. */
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
    case 'thumbnails/quicklook-data':
      // The one says where in the other each bitmap lies, and how wide it is (read-quick-look.ts).
      yield unread('Of a QuickLook store of macOS (index.sqlite, thumbnails.data) only one file was at hand; neither can be read without the other.');
      return;
    case 'thumbnails/ithmb':
      // Neither the file nor anything published says for all of them how wide its pictures are and what their bits mean.
      yield unread('A thumbnail store of iOS or of an iPod (.ithmb) is not read.');
  }
}

function unread(sentence: string): ContainerEvent {
  return { type: 'problem', problem: problemFrom(new UnsupportedError('thumbnails-unsupported', sentence)) };
}
