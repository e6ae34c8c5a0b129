import { LimitError } from '@kerbside/bytes';
import { readBinaryPlist } from './binary-plist.ts';
import { MAX_PLIST_BYTES, type PlistValue } from './plist-value.ts';
import { readXmlPlist } from './xml-plist.ts';

/**
 * Reads a property list, binary or XML, told apart by its first bytes.
 * @throws MalformedError `plist-damaged`; LimitError `plist-size-limit`, `plist-depth-limit`, `plist-values-limit`; UnsupportedError `plist-form-unknown`
 */
export function readPlist(bytes: Uint8Array): PlistValue {
  if (bytes.length > MAX_PLIST_BYTES) {
    throw new LimitError('plist-size-limit', `a property list of ${bytes.length} bytes; no more than ${MAX_PLIST_BYTES} are read`);
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1', 0, 6) === 'bplist' ? readBinaryPlist(buffer) : readXmlPlist(buffer);
}
