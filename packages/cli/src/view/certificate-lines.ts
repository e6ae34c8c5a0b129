import { formatCount, formatUtc, meterSentences, notTriedWords, TOOL_VERSION, triedMarkers, VERDICT_WORDS, type Certificate, type NeighbourState, type VerifiedFiles } from '@kerbside/triage';

/** `own`: by this machine's own keys. `unknown`: no keys were given to compare with. */
export type SignerStanding = 'altered' | 'trusted' | 'not-trusted' | 'own' | 'unknown';

const SIGNER_WORDS: Readonly<Record<SignerStanding, string>> = {
  altered: '',
  trusted: 'one of the keys given with --public',
  'not-trusted': 'NONE of the keys given with --public',
  own: 'this machine’s own key',
  unknown: 'UNKNOWN, the key was compared with none. Anybody can sign under any name: give the signer’s key with --public',
};

const NEIGHBOUR_WORDS: Readonly<Record<NeighbourState, string>> = {
  agrees: 'is the one of the run',
  differs: 'is NOT the one of the run',
  absent: 'is not beside the certificate',
  'not-checked': 'not checked',
};

/**
 * What was found of a certificate, for a person.
 * @param thisBuild digest of the program that checks
 */
export function certificateLines(result: VerifiedFiles, signer: SignerStanding, thisBuild: string): string[] {
  const { check, findings, replay } = result;
  if (!check.unaltered) {
    return [`Certificate ${result.path}`, 'NOT AS IT WAS SIGNED. Nothing in it can be relied on.', ...findings.map(({ message }) => `  ${message}`)];
  }
  const { certificate } = check;
  const lines = [
    `Certificate ${result.path}`,
    'Signature   right: no byte was changed since it was signed',
    `Signer      ${signerLine(certificate, signer)}`,
    ...statedLines(certificate, thisBuild),
    `reads.bin   ${NEIGHBOUR_WORDS[result.reads]}`,
    `report.json ${NEIGHBOUR_WORDS[result.report]}`,
    ...findings.map(({ message }) => `DIFFERS     ${message}`),
  ];
  if (replay !== null) return [...lines, '', ...replay.words];
  const last = result.agrees ? 'All agrees. Without the source this shows what was stated and by whom, not that it is so: name the source to read it again.' : 'Something does NOT agree: see the lines above.';
  return [...lines, '', last];
}

/** A name in a certificate is its signer's own word until the key is compared. */
function signerLine({ signature }: Certificate, signer: SignerStanding): string {
  const isCompared = signer === 'own' || signer === 'trusted';
  return `${isCompared ? signature.owner : `calls itself "${signature.owner}"`} (${signature.signerId}): ${SIGNER_WORDS[signer]}`;
}

/** What the certificate says, in its own words and figures. */
function statedLines(certificate: Certificate, thisBuild: string): string[] {
  const { tool, source, times, result, gaps, controls, reads } = certificate;
  const leaves = reads.reduce((sum, { count }) => sum + count, 0);
  const lines = [
    `Verdict     ${VERDICT_WORDS[result.verdict]}`,
    ...result.reasons.map(({ message }) => `            ${message}`),
    ...(tool.version === TOOL_VERSION ? [] : ['            (not computed again here: another version of the program may weigh the same facts otherwise)']),
    `Run         ${formatUtc(times.startedAt)} to ${formatUtc(times.finishedAt)}, profile ${certificate.configuration.profile}`,
    `Program     ${tool.name} ${tool.version}, build ${tool.buildDigest.slice(0, 16)}… (${tool.buildDigest === thisBuild ? 'this same program' : 'another build than this one'})`,
    `Source      ${source.path} (${source.kind}), ${formatCount(source.sizeBytes)} bytes`,
    ...source.details.map(({ name, value }) => `            ${name}: ${value}`),
    ...certificate.sets.map(({ name, kind, digest, owner, expiresAt }) => `Set         ${name} (${kind === 'blocks' ? 'block set' : 'compiled set'}) ${digest.slice(0, 16)}…${owner === null ? '' : `, by ${owner}`}${expiresAt === null ? '' : `, until ${formatUtc(expiresAt)}`}`),
    `Reads       ${formatCount(leaves)} in ${reads.length} ${reads.length === 1 ? 'stage' : 'stages'}, root ${certificate.readsRoot}`,
    `Not read    ${formatCount(gaps.unreadableBytes)} bytes unreadable, ${formatCount(gaps.encryptedVolumes.length)} locked volumes, ${formatCount(gaps.items.gated)} items of a length no set holds, ${formatCount(gaps.items.problems)} with problems`,
    ...meterSentences(result.meter).map((sentence, index) => `${index === 0 ? 'Meter       ' : '            '}${sentence}`),
    `Hits        ${formatCount(result.hits.count)} of items, ${formatCount(result.blockHits.count)} of blocks`,
    `Controls    ${controls.state}${controls.markers.length === 0 ? '' : `, ${formatCount(triedMarkers(controls))} markers${notTriedWords(controls)}`}`,
  ];
  return lines;
}
