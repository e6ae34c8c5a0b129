import { closeSync, fstatSync } from 'node:fs';
import { MalformedError, MediumError, RefusedError, requireInside, type ByteRange, type RandomAccessSource } from '@kerbside/bytes';
import { fillFromFile, openHostFile } from './read-host-file.ts';

/**
 * A file of the folder that is the source, as random-access bytes. Opened as `readHostFile` opens it.
 * @throws MediumError `host-file-not-opened`; RefusedError `host-file-not-regular`; MalformedError `host-file-changed`
 */
export function openHostFileSource(hostPath: Uint8Array, sizeBytes: number): RandomAccessSource {
  let descriptor: number;
  try {
    descriptor = openHostFile(Buffer.from(hostPath));
  } catch (error) {
    throw new MediumError('host-file-not-opened', 'the file could not be opened', {}, error);
  }
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  const facts = fstatSync(descriptor);
  if (!facts.isFile() || facts.size !== sizeBytes) {
    close();
    if (!facts.isFile()) throw new RefusedError('host-file-not-regular', 'the file is no longer a regular file and was not read');
    throw new MalformedError('host-file-changed', `the file had ${sizeBytes} bytes when it was listed and ${facts.size} when it was read`);
  }
  return {
    sizeBytes,
    originOffset: 0,
    readInto(target, offset) {
      requireInside(sizeBytes, offset, target.byteLength);
      const unread: ByteRange[] = [];
      const filled = fillFromFile(descriptor, target, target.byteLength, offset, unread);
      if (filled < target.byteLength) {
        target.fill(0, filled);
        unread.push({ offset: offset + filled, length: target.byteLength - filled });
      }
      // Ranges of the file: the fill names them so already.
      return unread;
    },
    close,
  };
}
