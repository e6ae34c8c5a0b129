import { canonicalJson } from '@kerbside/ledger';
import { CODE_KINDS, type CodeKind, type ItemCounts } from './item-record.ts';

/** What identifies the device and the run. None of it is content; the label is the officer's own word. */
export type ManifestFacts = {
  /** Exhibit label, such as `SMB/14`, or null. */
  readonly label: string | null;
  /** SHA-256, hex, of the description of the source as the run's report gives it. */
  readonly sourceDigest: string;
  readonly sourceBytes: number;
  readonly runId: string;
  readonly toolVersion: string;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  /** UTC, ISO 8601: from this moment the manifest is asked no more and is destroyed. */
  readonly expiresAt: string;
};

/** The block codes kept under one code key. */
export type BlockCodes = {
  readonly codeKeyId: string;
  readonly count: number;
  /** Codes of the sample that were met and are not kept, each time they were met. */
  readonly leftOut: number;
  /** Where the bound was reached: the first code that is not kept, hex; else null. All smaller ones are kept. */
  readonly below: string | null;
  readonly sha256: string;
};

/** The signed header of a manifest. */
export type ManifestHeader = ManifestFacts & {
  readonly format: 'kerbside-manifest';
  readonly version: number;
  /** False when the run was stopped, or did not see all of the source: items may be missing. */
  readonly complete: boolean;
  readonly itemCounts: ItemCounts;
  /** Kinds of digest that records have codes of. */
  readonly kinds: readonly CodeKind[];
  /** Ids of the code keys (`codeKeyId`), in the order of the codes in a record. */
  readonly codeKeys: readonly string[];
  readonly items: { readonly count: number; readonly sha256: string };
  /** One entry a code key, in the same order. */
  readonly blocks: readonly BlockCodes[];
  /** Reserved: no perceptual codes are kept yet. */
  readonly perceptual: 'none';
  readonly signer: { readonly id: string; readonly publicKey: string };
};

/** More code keys than a run has sets. */
export const MAX_CODE_KEYS = 64;

/** The header as it is stored and digested. */
export function headerText(header: ManifestHeader): string {
  return canonicalJson(header);
}

/** A header from its text; null when a field is missing, of another form, or the text is not canonical. */
export function readHeader(text: string): ManifestHeader | null {
  try {
    const header = JSON.parse(text) as ManifestHeader;
    return isHeader(header) && headerText(header) === text ? header : null;
  } catch {
    return null;
  }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === 'string';
const isHex = (value: unknown, bytes: number): boolean => typeof value === 'string' && value.length === bytes * 2 && /^[0-9a-f]*$/.test(value);
const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value)) && new Date(value).toISOString() === value;

function isHeader(header: ManifestHeader): boolean {
  const { itemCounts, items, signer } = header;
  const counted = itemCounts.read + itemCounts.gated + itemCounts.problem + itemCounts.unread;
  return header.format === 'kerbside-manifest' && header.version === 1 && header.perceptual === 'none' &&
    (header.label === null || isText(header.label)) && isHex(header.sourceDigest, 32) && isCount(header.sourceBytes) &&
    isText(header.runId) && isText(header.toolVersion) && isTime(header.createdAt) && isTime(header.expiresAt) && typeof header.complete === 'boolean' &&
    Object.values(itemCounts).every(isCount) && counted === items.count && isCount(items.count) && isHex(items.sha256, 32) &&
    Array.isArray(header.kinds) && header.kinds.join() === CODE_KINDS.filter((kind) => header.kinds.includes(kind)).join() &&
    Array.isArray(header.codeKeys) && header.codeKeys.length <= MAX_CODE_KEYS && header.codeKeys.every((id) => isHex(id, 8)) &&
    Array.isArray(header.blocks) && header.blocks.length === header.codeKeys.length && header.blocks.every((codes, i) => isBlockCodes(codes, header.codeKeys[i]!)) &&
    isHex(signer.id, 8) && isHex(signer.publicKey, 32);
}

function isBlockCodes(codes: BlockCodes, codeKeyId: string): boolean {
  return codes.codeKeyId === codeKeyId && isCount(codes.count) && isCount(codes.leftOut) && (codes.below === null || isHex(codes.below, 8)) && isHex(codes.sha256, 32);
}
