import { hash } from 'node:crypto';
import { canonicalJson, type JsonObject } from '@kerbside/bytes';
import type { UnitResult } from './content-job.ts';

/*
 * The leaf of one item as the content lane saw it.
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | 0x00, the leaf prefix of RFC 6962 |
 * | 1 | 0x43: an item looked into |
 * | … | canonical JSON of what was found: kind, counts, members with their digests in hex, facts of media, near-matches, codes of problems |
 *
 * Messages of problems are left out, as a system may word them otherwise.
 */
const PREFIX = Buffer.from([0x00, 0x43]);

/** Leaf hashes of a finished batch, 32 bytes an item, side by side and in the order of its items. */
export function leavesOfUnits(units: readonly UnitResult[]): Buffer {
  return Buffer.concat(units.map(leafOfUnit));
}

export function leafOfUnit({ kind, counts, members, media, near, problems }: UnitResult): Buffer {
  const facts = {
    kind,
    counts,
    members: members.map(({ member, sizeBytes, mask, digests }) => ({ member, sizeBytes, mask, digests: Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength).toString('hex') })),
    media,
    near,
    problems: problems.map(({ code, where }) => ({ code, member: where.path ?? '' })),
  };
  return hash('sha256', Buffer.concat([PREFIX, Buffer.from(canonicalJson(facts as unknown as JsonObject))]), 'buffer');
}
