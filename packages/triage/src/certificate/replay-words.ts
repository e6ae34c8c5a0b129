import { formatBytes, formatCount } from '../html/figures.ts';
import { VERDICT_WORDS } from '../verdict-words.ts';
import type { CertificateBody } from './certificate-types.ts';
import type { ReplayComparison } from './compare-replay.ts';

/** Ranges that are named in words; the data holds more. */
const NAMED_RANGES = 20;

/** What a replay showed, in sentences for a person. */
export function replayWords(original: CertificateBody, comparison: ReplayComparison): string[] {
  if (comparison.agrees) {
    return [`The source was read again, ${formatCount(comparison.reads)} reads in all: the same root and the same verdict, ${VERDICT_WORDS[original.result.verdict]}.`];
  }
  const lines: string[] = [];
  lines.push(comparison.sameRoot ? 'The reads gave the same bytes: the roots agree.' : 'The reads did NOT give the same: the roots differ.');
  for (const { name, originalReads, replayedReads, differing, missing } of comparison.stages) {
    const counts = originalReads === replayedReads ? `${formatCount(originalReads)} reads` : `${formatCount(originalReads)} reads then, ${formatCount(replayedReads)} now`;
    const what = [
      ...(differing > 0 ? [`${formatCount(differing)} gave something else`] : []),
      ...(missing > 0 ? [`${formatCount(missing)} of then have no counterpart`] : []),
    ];
    lines.push(`  ${name} (${counts}): ${what.length === 0 ? 'not the same' : what.join('; ')}.`);
  }
  if (!comparison.rangesKnown) lines.push('  Which reads differ cannot be said without reads.bin of the run.');
  if (comparison.differingRanges.length > 0) {
    lines.push(`  They lie in ${formatCount(comparison.differingRanges.length + comparison.differingRangesNotListed)} ranges, ${formatCount(comparison.differingBytes)} bytes in all:`);
    for (const { offset, length } of comparison.differingRanges.slice(0, NAMED_RANGES)) lines.push(`    ${formatCount(length)} bytes at offset ${formatCount(offset)} (${formatBytes(offset)})`);
    const more = comparison.differingRanges.length + comparison.differingRangesNotListed - NAMED_RANGES;
    if (more > 0) lines.push(`    and ${formatCount(more)} more; --json lists them`);
  }
  for (const { message } of comparison.findings) lines.push(message);
  return lines;
}
