import type { ByteRange } from '@kerbside/bytes';
import { errnoOf } from './evidence-files.ts';

/** Positioned read in the manner of pread(2): bytes read, 0 at the end, throws the system's error. */
export type ReadAt = (target: Uint8Array, targetOffset: number, length: number, position: number) => number;

/**
 * Failing reads in one call before the rest of that call is left unread: on a dying disk each one
 * can take seconds, and 1,024 are enough to find 100 separate bad sectors in 8 MiB to the sector.
 */
export const MAX_FAILED_READS_PER_CALL = 1_024;

/** Largest single system read; the kernel's own bound is just under 2 GiB. */
const MAX_SYSTEM_READ_BYTES = 64 * 1024 * 1024;

/** The device itself is gone: trying smaller pieces cannot help. */
const DEVICE_GONE = new Set(['ENXIO', 'ENODEV', 'ENOMEDIUM', 'ESTALE', 'EBADF', 'ENOENT', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE']);

/** Why bytes were left unread: `bad` the medium failed on exactly these, `gone` the device or file went away, `short` the file ends before them, `gave-up` too many failures in one call. */
export type UnreadReason = 'bad' | 'gone' | 'short' | 'gave-up';

export interface UnreadRange extends ByteRange {
  readonly reason: UnreadReason;
  /** The system's error name, empty for `short`. */
  readonly errno: string;
}

/**
 * Reads `length` bytes; where the medium fails, halves the piece down to one sector, so that every
 * readable sector is read and the unreadable ones are known exactly. Unread bytes are zero-filled.
 *
 * @param position offset on the medium; sectors are aligned to it
 * @returns unread ranges, ascending, in offsets of the medium
 */
export function readCarefully(
  readAt: ReadAt,
  target: Uint8Array,
  targetOffset: number,
  length: number,
  position: number,
  sectorSizeBytes: number,
): UnreadRange[] {
  const unread: UnreadRange[] = [];
  const end = position + length;
  const toTarget = targetOffset - position;
  const pending: { start: number; end: number }[] = [{ start: position, end }];
  let failures = 0;
  const leave = (start: number, stop: number, reason: UnreadReason, errno: string): void => {
    target.fill(0, toTarget + start, toTarget + stop);
    const last = unread.at(-1);
    if (last !== undefined && last.offset + last.length === start && last.reason === reason) {
      unread[unread.length - 1] = { ...last, length: stop - last.offset };
    } else if (stop > start) {
      unread.push({ offset: start, length: stop - start, reason, errno });
    }
  };

  for (let piece = pending.pop(); piece !== undefined; piece = pending.pop()) {
    const wanted = Math.min(piece.end - piece.start, MAX_SYSTEM_READ_BYTES);
    try {
      const count = readAt(target, toTarget + piece.start, wanted, piece.start);
      if (count === 0) leave(piece.start, piece.end, 'short', '');
      else if (piece.start + count < piece.end) pending.push({ start: piece.start + count, end: piece.end });
    } catch (error) {
      const errno = errnoOf(error);
      failures += 1;
      if (errno === 'EINTR' && failures <= MAX_FAILED_READS_PER_CALL) {
        pending.push(piece);
      } else if (errno === '' || DEVICE_GONE.has(errno)) {
        leave(piece.start, end, 'gone', errno);
        break;
      } else if (failures > MAX_FAILED_READS_PER_CALL) {
        leave(piece.start, end, 'gave-up', errno);
        break;
      } else {
        const middle = middleSector(piece.start, piece.end, sectorSizeBytes);
        if (middle < 0) leave(piece.start, piece.end, 'bad', errno);
        else pending.push({ start: middle, end: piece.end }, { start: piece.start, end: middle });
      }
    }
  }
  return unread;
}

/** A sector boundary strictly inside `start..end`, near its middle, or -1 when the piece lies in one sector. */
function middleSector(start: number, end: number, sectorSizeBytes: number): number {
  let middle = Math.floor((start + end) / 2 / sectorSizeBytes) * sectorSizeBytes;
  if (middle <= start) middle = (Math.floor(start / sectorSizeBytes) + 1) * sectorSizeBytes;
  return middle < end ? middle : -1;
}
