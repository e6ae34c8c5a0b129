import { DIGEST_ORDER, toHex, unpackDigests } from '../digests.ts';
import type { KeyedHit } from '../journal.ts';
import { compareRow, lookUp } from '../known-sets.ts';
import type { RunContext } from '../run-context.ts';
import type { MemberDigests } from './content-job.ts';

/** Looks a member's digests up in every set and makes its hits. */
export function makeMemberHits({ catalogue, sets }: Pick<RunContext, 'catalogue' | 'sets'>, ordinal: number, member: MemberDigests): KeyedHit[] {
  const digests = unpackDigests(member.digests, 0, member.mask);
  const matches = lookUp(sets, digests);
  if (matches.length === 0) return [];
  const values: Record<string, string> = {};
  for (const algorithm of DIGEST_ORDER) {
    const own = digests.find((digest) => digest.algorithm === algorithm);
    if (own !== undefined) values[algorithm] = toHex(own.bytes);
  }
  return matches.map(({ setIndex, row }) => {
    const comparison = compareRow(row, digests);
    const { facts } = sets[setIndex]!;
    return {
      key: [ordinal, 0, setIndex, row.md5, row.sha1, row.sha256, row.ed2k, row.category, row.categoryBasis, row.rawCategory, member.member].join(' '),
      hit: {
        path: `${catalogue.path(ordinal)}/${member.member}`,
        size: member.sizeBytes,
        allocated: catalogue.state(ordinal) === 'allocated',
        state: catalogue.state(ordinal),
        id: catalogue.id(ordinal),
        set: facts.name,
        meaning: facts.meaning,
        category: row.category,
        categoryBasis: row.categoryBasis,
        rawCategory: row.rawCategory,
        algorithm: comparison.algorithm,
        digest: row[comparison.algorithm] ?? values[comparison.algorithm] ?? '',
        offset: member.offset,
        digests: values,
        confirmedBy: comparison.confirmedBy,
        contradictedBy: comparison.contradictedBy,
        strength: comparison.strength,
        view: 'system',
        recovery: catalogue.recovery(ordinal),
        sizeAgrees: row.sizesBytes.length === 0 || row.sizesBytes.includes(member.sizeBytes),
      },
    };
  });
}
