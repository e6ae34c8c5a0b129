import type { FileSystemFormat } from '../file-system.ts';
import type { SourceLocator } from '../source-contract.ts';

/**
 * File systems read through The Sleuth Kit, for sources that it can open by name.
 * @param locator where the bytes are; null for bytes in memory, which have no name
 */
export function fallbackFormats(locator: SourceLocator | null): readonly FileSystemFormat[] {
  return locator === null ? [] : [];
}
