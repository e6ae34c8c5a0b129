import type { KnownRecord } from './known-record.ts';

/** A VICS 2.0 hash set (`#Media`), one record a line. The pieces are to be written one after another. */
export function* vics2Media(records: Iterable<KnownRecord>, options: { locale?: string; withSizes?: boolean } = {}): Generator<string> {
  const locale = options.locale ?? 'UK';
  yield `{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/${locale}/$metadata#Media",\n"value":[`;
  let number = 0;
  for (const record of records) {
    yield `${number === 0 ? '\n' : ',\n'}${JSON.stringify({
      MediaID: ++number,
      ...category(record),
      MD5: record.md5.toUpperCase(),
      SHA1: record.sha1.toUpperCase(),
      ...(options.withSizes === false ? {} : { MediaSize: record.sizeBytes }),
      MimeType: 'image/jpeg',
      DateUpdated: '2026-01-01T10:00:00.000Z',
      AlternativeHashes: [{ HashName: 'SHA256', HashValue: record.sha256.toUpperCase() }],
    })}`;
  }
  yield '\n]}\n';
}

/** A VICS 1.3 hash set with the older version's furniture, indented as some tools write it. */
export function* vics13Media(records: Iterable<KnownRecord>): Generator<string> {
  yield '{\r\n  "odata.metadata": "http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Media",\r\n  "value": [';
  let number = 0;
  for (const record of records) {
    number++;
    const media = {
      'odata.id': `Media(${number})`,
      MediaID: number,
      ...category(record),
      VictimIdentified: 'False',
      IsPrecategorized: number % 2 === 0 ? 'true' : 0,
      MD5: record.md5,
      MediaSize: String(record.sizeBytes),
      MimeType: 'image',
      'AlternativeHashes@odata.navigationLinkUrl': `Media(${number})/AlternativeHashes`,
      AlternativeHashes: [{ MD5: record.md5, HashName: 'SHA256', HashValue: record.sha256 }],
    };
    yield `${number === 1 ? '\r\n' : ',\r\n'}${JSON.stringify(media, null, 2).replaceAll('\n', '\r\n')}`;
  }
  yield '\r\n  ]\r\n}\r\n';
}

/** A VICS 2.0 case (`#Cases`) with its media and one occurrence each. */
export function* vics2Case(records: Iterable<KnownRecord>): Generator<string> {
  yield '{"@odata.context":"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/$metadata#Cases","value":[{"CaseID":"0B9E6C1A-5D1F-4E0B-9C57-2F0A6D3E8B11","CaseNumber":"OP-DEMO-1","Media":[';
  let number = 0;
  for (const record of records) {
    const md5 = record.md5.toUpperCase();
    yield `${number === 0 ? '' : ','}${JSON.stringify({
      MediaID: ++number,
      ...category(record),
      MD5: md5,
      SHA1: record.sha1.toUpperCase(),
      MediaSize: record.sizeBytes,
      MediaFiles: [{ MD5: md5, FileName: record.fileName, FilePath: 'Partition 1\\Pictures\\', Unallocated: false, SourceID: 'DEMO/1' }],
    })}`;
  }
  yield ']}]}';
}

function category(record: KnownRecord): { Category?: number } {
  return record.categoryCode === null ? {} : { Category: record.categoryCode };
}
