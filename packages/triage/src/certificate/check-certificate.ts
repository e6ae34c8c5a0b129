import { isFit } from '../controls/control-result.ts';
import { countsAddUp } from '../coverage.ts';
import { TOOL_VERSION } from '../tool-version.ts';
import { computeVerdict, type VerdictInput } from '../verdict.ts';
import { configurationDigest } from './build-certificate.ts';
import type { CertificateBody, CertificateReads } from './certificate-types.ts';
import { readsRootOf } from './reads-root.ts';

/** Something that does not agree: a stable code and a sentence for a person. */
export interface Finding {
  readonly code: string;
  readonly message: string;
}

/**
 * Checks what can be checked of a certificate without the source: that its figures add up, that its
 * digests and roots follow from its fields, and that the verdict follows from what it rests on.
 * @returns nothing when all of it agrees
 */
export function checkCertificate(body: CertificateBody): Finding[] {
  const findings: Finding[] = [];
  const add = (holds: boolean, code: string, message: string): void => {
    if (!holds) findings.push({ code, message });
  };
  add(body.configurationDigest === configurationDigest(body.configuration), 'configuration-digest', 'The digest of the configuration is not that of the configuration stated.');
  add(body.readsRoot === readsRootOf(body.reads), 'reads-root', 'The root over all stages does not follow from the roots of the stages.');
  add(new Set(body.reads.map(({ name }) => name)).size === body.reads.length, 'reads-repeated', 'A stage of reads is stated twice.');
  for (const reads of body.reads) add(readsAddUp(reads), 'reads-counts', `The counts of the stage ${reads.name} do not add up.`);
  const surveyReads = body.reads.filter(({ lane }) => lane === 'survey').reduce((sum, { count }) => sum + count, 0);
  const { meter, verdict, hits } = body.result;
  add(meter.systematicReads + meter.jitteredReads <= surveyReads, 'meter-reads', 'The meter rests on more reads than the survey lane made.');
  add(meter.filesChecked <= meter.filesTotal, 'meter-files', 'The meter states more files checked than there are.');
  add(countsAddUp(body.gaps.items), 'items-counts', 'The counts of items do not add up.');
  add(rangesAddUp(body), 'unreadable-ranges', 'The unreadable ranges do not make up the bytes stated, overlap, or lie outside the source.');
  const markersRight = isFit(body.controls.markers);
  add(body.controls.state !== 'passed' || markersRight, 'controls-state', 'The controls are said to have passed and a marker failed, or there is none.');
  add(body.controls.state !== 'failed' || !markersRight, 'controls-state', 'The controls are said to have failed and every marker that was tried is right.');
  add(hits.counts.reduce((sum, { count }) => sum + count, 0) === hits.count, 'hits-counts', 'The counts of hits do not add up.');
  const basis = body.verdictInput;
  const agrees = JSON.stringify(basis.items) === JSON.stringify(body.gaps.items) && basis.unreadableBytes === body.gaps.unreadableBytes && basis.sets <= body.sets.length && basis.controls.state === body.controls.state;
  add(agrees, 'verdict-basis', 'What the verdict rests on is not what the certificate states elsewhere.');
  const recomputed = body.tool.version === TOOL_VERSION ? recompute(body) : null;
  if (recomputed !== null) add(recomputed === answerText(verdict, body.result.reasons), 'verdict-differs', 'The verdict or its reasons do not follow from what they rest on.');
  return findings;
}

/** Of another version of the program the verdict is not computed again: it may weigh the same facts otherwise. */
function recompute(body: CertificateBody): string {
  try {
    const input: VerdictInput = { ...body.verdictInput, hits: body.result.hits.counts };
    const answer = computeVerdict(input);
    return answerText(answer.verdict, answer.reasons);
  } catch {
    // A field of a later shape is missing: then the verdict does not follow either.
    return 'not computable';
  }
}

function answerText(verdict: string, reasons: readonly { readonly code: string; readonly message: string; readonly count: number }[]): string {
  return JSON.stringify([verdict, reasons.map(({ code, message, count }) => [code, message, count])]);
}

function readsAddUp(reads: CertificateReads): boolean {
  let end = 0;
  let done = 0;
  for (const run of reads.done) {
    // Runs that touch would be one run: one stage has one way of being written.
    if (run.count < 1 || run.first < end || (run.first === end && end > 0)) return false;
    end = run.first + run.count;
    done += run.count;
  }
  return end <= reads.planned && (reads.unit === 'batches' || done === reads.count) && (done > 0 || reads.count === 0);
}

function rangesAddUp({ gaps, source }: CertificateBody): boolean {
  let end = 0;
  let bytes = 0;
  for (const range of gaps.unreadableRanges) {
    if (range.length < 1 || range.offset < end) return false;
    end = range.offset + range.length;
    bytes += range.length;
  }
  const inside = source.kind === 'folder' || end <= source.sizeBytes;
  return inside && (gaps.unreadableRangesNotListed === 0 ? bytes === gaps.unreadableBytes : bytes < gaps.unreadableBytes);
}
