import { BLOCK_SET_VERSION, type BlockSetHeader } from './layout.ts';

/*
 * A signature vouches for the owner and not for the owner's program, and a header is also shown to who has
 * no key to check it. So its fields are checked before anything is computed from them.
 */

type Test = (value: unknown) => boolean;

const isText: Test = (value) => typeof value === 'string';
const isCount: Test = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isShare: Test = (value) => typeof value === 'number' && value >= 0 && value <= 1;
const isId: Test = (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
const isTime: Test = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const areCounts: Test = (value) => isRecord(value) && Object.values(value).every(isCount);

const FACTS: Readonly<Record<string, Test>> = {
  name: isText,
  owner: isText,
  category: isText,
  formatVersion: (value) => value === BLOCK_SET_VERSION,
  edition: isCount,
  createdAt: isTime,
  expiresAt: isTime,
  codeKeyId: isId,
  signerId: isId,
  files: isCount,
  blocks: isCount,
  blocksSeen: isCount,
  blocksLeftOut: areCounts,
  indexedShare: isShare,
  sparseAboveBytes: isCount,
  sparseStep: (value) => isCount(value) && (value as number) > 0,
  sparseIndexedShare: isShare,
};

const FILES_WITH: Readonly<Record<string, Test>> = { md5: isCount, sha1: isCount, sha256: isCount };

const SECTION: Readonly<Record<string, Test>> = { name: isText, offset: isCount, lengthBytes: isCount, sha256: isText };

/** Whether a value has the fields of a header. Whether they are true is another question. */
export function isBlockSetHeader(value: unknown): value is BlockSetHeader {
  return (
    isRecord(value) && value['format'] === 'kerbside-block-set' && hasFields(value['facts'], FACTS) && isCount(value['bucketBits']) && isCount(value['anchors']) &&
    hasFields(value['filesWith'], FILES_WITH) && Array.isArray(value['sections']) && value['sections'].every((section) => hasFields(section, SECTION))
  );
}

function hasFields(value: unknown, tests: Readonly<Record<string, Test>>): boolean {
  return isRecord(value) && Object.entries(tests).every(([name, test]) => test(value[name]));
}
