import { RefusedError } from '@kerbside/bytes';
import type { DigestAlgorithm } from '../../known-set.ts';
import type { RowSink } from '../row-sink.ts';
import type { FormatFacts, SetFormat } from '../set-format.ts';
import { createJsonScanner, type JsonHandler } from './json-scanner.ts';
import { createMediaRow } from './media-row.ts';
import { contextWarning, parseVicsContext } from './vics-context.ts';

/*
 * Project VIC (VICS) JSON 1.2, 1.3 and 2.0, as written and read by public tools:
 *
 *   { "@odata.context" | "odata.metadata": "…#Media", "value": [ MEDIA, … ] }
 *   { …: "…#Cases", "value": [ { "CaseID": …, "Media": [ MEDIA, … ] }, … ] }
 *   MEDIA = { "MD5", "SHA1", "MediaSize", "Category", "AlternativeHashes": [{ "HashName", "HashValue" }], … }
 *
 * Keys come in any order and further keys are ignored. Whether an element of `value` is a case or a
 * medium is decided by what it holds, as `value` may come before the context. Previews ("Miniature")
 * are passed over without being held in memory.
 */

/** Where in the tree the scanner stands; only these places matter. */
type Spot = 'other' | 'root' | 'value' | 'record' | 'mediaList' | 'alternatives' | 'alternative';

const DIGEST_NAMES: ReadonlyMap<string, DigestAlgorithm> = new Map<string, DigestAlgorithm>([
  ['md5', 'md5'],
  ['sha1', 'sha1'],
  ['sha-1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha-256', 'sha256'],
  ['ed2k', 'ed2k'],
]);

/** Names under which PDQ hashes travel. PhotoDNA is counted and never computed or compared. */
const PDQ_NAMES: ReadonlySet<string> = new Set(['pdq', 'pdqhash', 'pdq hash']);

/** A SHA-256 in hex with room for spaces; a longer value is no digest. */
const MAX_HASH_VALUE_BYTES = 96;

/** Longest key that can matter; longer ones are not even decoded. */
const MAX_KEY_BYTES = 24;

export const vicsFormat: SetFormat = {
  name: 'vics',
  placeUnit: 'record',
  sniff: (head) => {
    const text = head.toString(head[1] === 0 || head[0] === 0xff ? 'utf16le' : 'latin1');
    return /^[^\w"]*\{\s*"(?:@odata\.context|odata\.metadata|value)"\s*:/.test(text) || /^[^\w"]*\{[^[]*\/DataModels\/[\d.]+\.xml/.test(text);
  },
  read(source, sink, options): FormatFacts {
    const reading = createVicsReading(sink, options.acceptCutOff ?? false);
    const scanner = createJsonScanner(reading.handler);
    for (const chunk of source.utf8Chunks()) scanner.feed(chunk);
    return reading.finish(scanner.end(), source.path);
  },
};

function createVicsReading(sink: RowSink, acceptCutOff: boolean): { handler: JsonHandler; finish(whole: boolean, path: string): FormatFacts } {
  const spots: Spot[] = [];
  let spot: Spot = 'other';
  let key = '';
  let records = 0;
  let recordOpen = false;
  let isCase = false;
  let context: string | null = null;
  let hasValue = false;
  let hashName = '';
  const hashValue = Buffer.alloc(MAX_HASH_VALUE_BYTES);
  let hashValueLength = 0;
  const row = createMediaRow(sink);

  function spotBelow(kind: 'object' | 'array'): Spot {
    if (spots.length === 0) return kind === 'object' ? 'root' : 'other';
    if (kind === 'array') {
      if (spot === 'root' && key === 'value') return 'value';
      if (spot === 'record' && key === 'media') return 'mediaList';
      if (spot === 'record' && key === 'alternativehashes') return 'alternatives';
      return 'other';
    }
    if (spot === 'value' || spot === 'mediaList') return 'record';
    return spot === 'alternatives' ? 'alternative' : 'other';
  }

  function open(kind: 'object' | 'array'): void {
    const below = spotBelow(kind);
    spots.push(spot);
    spot = below;
    key = '';
    if (below === 'value') hasValue = true;
    else if (below === 'mediaList') {
      isCase = true;
      recordOpen = false;
      row.abandon(records + 1);
    } else if (below === 'record') {
      isCase = false;
      recordOpen = true;
      row.begin();
    } else if (below === 'alternative') {
      hashName = '';
      hashValueLength = 0;
    }
  }

  function close(): void {
    const closed = spot;
    spot = spots.pop() ?? 'other';
    key = '';
    if (closed === 'alternative') {
      const algorithm = DIGEST_NAMES.get(hashName);
      if (algorithm !== undefined) row.digest(algorithm, hashValue, 0, hashValueLength);
      else if (PDQ_NAMES.has(hashName)) row.pdq(hashValue, 0, hashValueLength, records + 1);
      else if (hashName === 'photodna') row.photoDna();
    } else if (closed === 'mediaList') isCase = true;
    else if (closed === 'record') {
      if (!isCase) {
        records += 1;
        row.end(records);
      }
      isCase = false;
      recordOpen = false;
    }
  }

  function text(bytes: Buffer, start: number, end: number): void {
    if (spot === 'record') {
      const algorithm = DIGEST_NAMES.get(key);
      if (algorithm !== undefined) row.digest(algorithm, bytes, start, end);
      else if (PDQ_NAMES.has(key)) row.pdq(bytes, start, end, records + 1);
      else if (key === 'photodna' && end > start) row.photoDna();
      else if (key === 'mediaid') row.label('media-id', bytes.toString('utf8', start, end).trim());
      else if (key === 'series') row.label('series', bytes.toString('utf8', start, end).trim());
      else if (key === 'mediasize') row.size(bytes.toString('latin1', start, end));
      else if (key === 'category' && end > start) row.category(bytes.toString('utf8', start, end).trim());
    } else if (spot === 'alternative') {
      if (key === 'hashname') hashName = bytes.toString('latin1', start, end).toLowerCase().trim();
      else if (key === 'hashvalue') hashValueLength = bytes.copy(hashValue, 0, start, Math.min(end, start + hashValue.length));
    } else if (spot === 'root' && (key === '@odata.context' || key === 'odata.metadata')) {
      context = bytes.toString('utf8', start, end).replaceAll('\\/', '/');
    }
  }

  const handler: JsonHandler = {
    open,
    close,
    key: (bytes, start, end) => {
      key = end - start <= MAX_KEY_BYTES && (spot === 'record' || spot === 'alternative' || spot === 'root') ? bytes.toString('latin1', start, end).toLowerCase() : '';
    },
    string: text,
    bare: (bytes, start, end) => {
      if (spot !== 'record' || (key !== 'mediasize' && key !== 'category' && key !== 'mediaid')) return;
      const word = bytes.toString('latin1', start, end);
      if (word !== 'null') text(bytes, start, end);
    },
    longString: () => {},
    fault: (what) => {
      if (recordOpen) row.fault(what);
    },
  };

  return {
    handler,
    finish(whole, path) {
      if (context === null || !hasValue) {
        throw new RefusedError(
          'vics-no-envelope',
          `${path} is JSON without a VICS context and "value" list: check that it is a Project VIC file, or name its format with --format`,
        );
      }
      const parsed = parseVicsContext(context);
      const warnings: string[] = [];
      if (parsed === null) warnings.push(`the file's context is not one of Project VIC's: "${context.slice(0, 200)}"`);
      else {
        const warning = contextWarning(parsed);
        if (warning !== null) warnings.push(warning);
      }
      if (!whole) {
        if (!acceptCutOff) {
          throw new RefusedError(
            'list-cut-off',
            `${path} is cut off after record ${records}: it holds fewer contents than its maker wrote. Copy it again, or take what there is with --accept-cut-off`,
          );
        }
        if (recordOpen) sink.rejectRow(records + 1, 'file-cut-off');
        warnings.push(`the file is cut off after record ${records} and was taken as it is by order`);
      }
      return {
        ...(parsed === null ? {} : { version: [parsed.version, parsed.locale, `#${parsed.entity}`].filter((part) => part !== '').join(' ') }),
        ...(warnings.length === 0 ? {} : { warnings }),
      };
    },
  };
}
