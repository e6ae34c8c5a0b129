import { RefusedError } from '@kerbside/bytes';
import type { SourceReader } from '../sources/source-reader.ts';

/** Bytes of a virtual disk as a network block device server gives them. */
export function openNbdSource(socketPath: string, _sizeBytes: number): SourceReader {
  throw new RefusedError('virtual-disk-unsupported', 'virtual disks are not read yet', { path: socketPath });
}
