import { openNbdSource } from '../fallback/nbd-source.ts';
import { EwfSource } from './ewf/ewf-source.ts';
import { rawFileSource } from './raw-source.ts';
import type { SourceReader } from './source-reader.ts';
import type { SourceLocator } from '../source-contract.ts';

/** Smallest piece tried on a failing medium when the source is a file: its own disk's sectors are not known. */
const FILE_SECTOR_BYTES = 512;

/**
 * Opens the bytes that a locator names, with descriptors of its own: for worker threads, and for
 * `openSource` itself.
 *
 * @throws RefusedError when an E01's segments are no longer one whole image; the system's error when a file is gone
 */
export function openLocator(locator: SourceLocator): SourceReader {
  switch (locator.kind) {
    case 'files':
      return rawFileSource(locator.paths, locator.sizesBytes, FILE_SECTOR_BYTES);
    case 'e01':
      return new EwfSource(locator.paths);
    case 'block-device':
      return rawFileSource([locator.path], [locator.sizeBytes], locator.sectorSizeBytes);
    case 'nbd':
      return openNbdSource(locator.socketPath, locator.sizeBytes);
  }
}
