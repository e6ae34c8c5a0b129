import { UnsupportedError, type RandomAccessSource } from '@kerbside/bytes';
import { readAndroidBackup } from './backup/read-android-backup.ts';
import { ContainerBudget } from './container-budget.ts';
import type { ContainerEvent, Member } from './container.ts';
import { readCompressed } from './compressed/read-compressed.ts';
import { readEmlx, readMail } from './mail/read-mail.ts';
import { readMsg } from './mail/read-msg.ts';
import { readTnef } from './mail/read-tnef.ts';
import { readPst } from './pst/read-pst.ts';
import { readTar } from './tar/read-tar.ts';
import { readThumbnailStore } from './thumbnails/read-thumbnail-store.ts';
import { readUfdr } from './ufdr/read-ufdr.ts';
import type { UnpackElsewhere } from './unpack-elsewhere.ts';
import { readSevenZip } from './seven-zip/read-seven-zip.ts';
import { readZip } from './zip/read-zip.ts';
import { zipKindOf } from './zip/zip-kind.ts';

/**
 * What a container holds.
 * @param kind as `sniffContent` says it
 * @param budget of this container
 * @param password of an encrypted backup, null where none is known
 * @param elsewhere unpacks what nothing here does; null where nobody can
 * @throws UnsupportedError `container-unsupported` for a kind that is known and cannot be opened here
 */
export function openContainer(kind: string, source: RandomAccessSource, budget: ContainerBudget, password: string | null, elsewhere: UnpackElsewhere | null = null): Iterable<ContainerEvent> | AsyncIterable<ContainerEvent> {
  switch (kind) {
    case 'archive/zip':
      return isPhoneReport(source) ? readUfdr(source, budget) : readZip(source, budget, elsewhere);
    case 'archive/tar':
      return readTar(source, budget);
    case 'archive/7z':
      return readSevenZip(source, budget);
    case 'archive/gzip':
      return readCompressed(source, 'gzip', budget);
    case 'archive/bzip2':
      return readCompressed(source, 'bzip2', budget);
    case 'archive/xz':
      return readCompressed(source, 'xz', budget);
    case 'archive/lzma':
      return readCompressed(source, 'lzma', budget);
    case 'archive/zstd':
      return readCompressed(source, 'zstd', budget);
    case 'mail/mbox':
      return readMail(source, 'mbox', budget);
    case 'mail/eml':
      return readMail(source, 'message', budget);
    case 'mail/emlx':
      return readEmlx(source, budget);
    case 'mail/pst':
      return readPst(source, budget);
    case 'mail/msg':
      return readMsg(source, budget);
    case 'mail/tnef':
      return readTnef(source, budget);
    case 'backup/android':
      return readAndroidBackup(source, { password }, budget);
    case 'thumbnails/thumbs-db':
    case 'thumbnails/thumbcache':
    case 'thumbnails/thumbdata':
    case 'thumbnails/quicklook-index':
    case 'thumbnails/quicklook-data':
    case 'thumbnails/ithmb':
      return readThumbnailStore(source, kind);
    default:
      throw new UnsupportedError('container-unsupported', `this is a container of the kind ${kind}, which cannot be opened here`);
  }
}

/** A Cellebrite report is a ZIP like any other, with the names that its files had on the phone beside them. */
function isPhoneReport(source: RandomAccessSource): boolean {
  return zipKindOf(membersOf(readZip(source, ContainerBudget.forContainer(source.sizeBytes)))) === 'cellebrite-report';
}

function* membersOf(events: Iterable<ContainerEvent>): Generator<Member> {
  for (const event of events) if (event.type === 'member') yield event.member;
}
