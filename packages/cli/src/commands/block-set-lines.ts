import type { BlockSetFacts } from '@kerbside/match';
import { formatCount, formatUtc } from '@kerbside/triage';
import { printText } from '../output.ts';

/** Prints what a block set says of itself. */
export function printBlockSetFacts(facts: BlockSetFacts): void {
  printText(`Owner      ${facts.owner}, edition ${facts.edition}, signed with key ${facts.signerId}, codes made with key ${facts.codeKeyId}`);
  printText(`Category   ${facts.category === 'unstated' ? 'not stated' : facts.category}`);
  printText(`Made       ${formatUtc(facts.createdAt)}, may be used until ${formatUtc(facts.expiresAt)}, format version ${facts.formatVersion}`);
  printText(`Contents   ${formatCount(facts.files)} files, ${formatCount(facts.blocks)} of ${formatCount(facts.blocksSeen)} blocks indexed`);
  for (const [rule, count] of Object.entries(facts.blocksLeftOut).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (count > 0) printText(`  Left out: ${formatCount(count)} ${RULE_WORDS[rule] ?? rule}`);
  }
  if (facts.sparseIndexedShare > 0 && facts.sparseStep > 1) {
    printText(`Sparse     files over ${formatCount(facts.sparseAboveBytes)} bytes are indexed one block in ${facts.sparseStep}`);
  }
  printText(`Digest     ${facts.digest}`);
}

const RULE_WORDS: Readonly<Record<string, string>> = {
  constant: 'constant (all bytes equal)',
  ramp: 'ramp (numbers counting up)',
  histogram: 'histogram (one word over and over)',
  whitespace: 'white space',
  monotonic: 'monotonic (words that only rise, fall or stay)',
  entropy: 'of low entropy',
  common: 'common (in several files that are not versions of one another)',
  related: 'related (held by a fuller version of the same file)',
  repeated: 'repeated (several times in one file)',
  sparse: 'sparse (of long files one block in eight is indexed)',
  'allow-listed': 'allow-listed (in the benign files given)',
};
