import type { Report } from '@kerbside/triage';
import { blockHitCountWords, controlWords, countBlockHits, disagreementWords, formatBytes, formatCount, formatDuration, formatUtc, groupHitsByItem, lookedIntoWords, meterSentences, meterWords, nearWords, tallyHits, tallyWords } from '@kerbside/triage';
import { contentWords } from './content-words.ts';
import { foldLine } from './fold-line.ts';
import { harmlessText } from './harmless-text.ts';
import { hitWords, verdictBanner } from './words.ts';

/** Files listed on the terminal, so that the answer and the rest fit on one screen; the report has all. */
const FILES_SHOWN = 3;

/** Codes and sets named. */
const NAMES_SHOWN = 8;

/** Indent of what belongs to a heading. */
const HANGING = ' '.repeat(13);

/** Where the summary goes. */
export interface SummaryPlace {
  /** Infinity where lines are not to be folded: a file or a pipe. */
  readonly columns: number;
  readonly inColour: boolean;
}

/** The plain terminal summary of a run: answer first, then its reasons, hits, coverage and where the report is. */
export function summaryLines(report: Report, files: { readonly json: string; readonly html: string }, place: SummaryPlace): string[] {
  const lines = [
    ...report.reasons.map((reason) => `  - ${reason.message}`),
    '',
    ...hitLines(report),
    ...nearLines(report),
    `Items seen   ${itemWords(report)}`,
    `Bytes        ${formatBytes(report.coverage.bytesRead)} of content read, source ${formatBytes(report.coverage.sourceBytes)}${report.coverage.unreadableBytes > 0 ? `, ${formatCount(report.coverage.unreadableBytes)} bytes unreadable` : ''}`,
    ...(report.coverage.content === null ? [] : lookedIntoWords(report.coverage.content).map((line, index) => `${index === 0 ? 'Looked into  ' : HANGING}${line}`)),
    ...surveyLines(report, place.columns - HANGING.length),
    `Time         ${formatDuration(report.timings.totalMs)}`,
    ...problemLines(report),
    `Report       ${files.html}`,
    `             ${files.json}`,
    ...(report.manifest === null ? [] : [`Manifest     ${report.manifest.file}, beside the report, to be destroyed on ${formatUtc(report.manifest.expiresAt).split(',')[0]!}`]),
    ...(report.certificate === null ? [] : [`Certificate  ${report.certificate.file}, beside the report`]),
    ...(isStopped(report) ? ['', 'Not finished: the same command goes on from here.'] : []),
  ];
  const folded = lines.flatMap((line) => foldLine(harmlessText(line), place.columns, /^ {2}\S/.test(line) ? '    ' : HANGING));
  return ['', verdictBanner(report.verdict, place.inColour), '', ...folded];
}

/** True when the run was stopped before its end, whatever the verdict. */
function isStopped(report: Report): boolean {
  return report.reasons.some((reason) => reason.code === 'not-finished');
}

function hitLines(report: Report): string[] {
  if (report.hits.length === 0) return [];
  const alerts = report.hits.filter((hit) => hit.meaning === 'alert');
  const listed = alerts.length > 0 ? alerts : report.hits;
  const items = groupHitsByItem(listed);
  const first = report.timings.firstHitMs === null ? '' : `, the first hit after ${formatDuration(report.timings.firstHitMs)}`;
  const lines = [`Files known  ${formatCount(items.length)}${first}`];
  const tallies = tallyHits(report.hits);
  for (const tally of tallies.slice(0, NAMES_SHOWN)) lines.push(`${HANGING}${tallyWords(tally, formatCount)}${tally.meaning === 'alert' ? '' : ` [${tally.meaning}]`}`);
  if (tallies.length > NAMES_SHOWN) lines.push(`${HANGING}… and ${formatCount(tallies.length - NAMES_SHOWN)} more sets`);
  for (const { first: hit, hits } of items.slice(0, FILES_SHOWN)) lines.push(`  ${hit.path}`, ...hits.map((one) => `      ${hitWords(one)}`));
  if (items.length > FILES_SHOWN) lines.push(`  … and ${formatCount(items.length - FILES_SHOWN)} more in the report`);
  return [...lines, ''];
}

function nearLines({ nearHits }: Report): string[] {
  if (nearHits.length === 0) return [];
  const lines = [`Looks alike  ${formatCount(nearHits.length)}, to be compared by an officer; no hits`, ...nearHits.slice(0, FILES_SHOWN).flatMap((hit) => [`  ${hit.path}`, `      ${hit.set}: ${nearWords(hit)}`])];
  if (nearHits.length > FILES_SHOWN) lines.push(`  … and ${formatCount(nearHits.length - FILES_SHOWN)} more in the report`);
  return [...lines, ''];
}

function itemWords(report: Report): string {
  const { items } = report.coverage;
  const { 'not-reached': unreached, 'left-by-profile': left } = items.skipped;
  const parts = [
    `${formatCount(items.read)} read`,
    `${formatCount(items.gated)} of a length in no set`,
    `${formatCount(items.skippedByPlan - unreached - left)} with nothing to read`,
    ...(left > 0 ? [`${formatCount(left)} left by the profile`] : []),
    ...(unreached > 0 ? [`${formatCount(unreached)} not reached`] : []),
    `${formatCount(items.problems)} with problems`,
  ];
  return `${formatCount(items.seen)} = ${parts.join(' + ')}`;
}

/**
 * What the survey says and how the controls went. The meter is in whole sentences, but where known
 * material was found it takes one line: it is not what the officer looks for then.
 */
function surveyLines(report: Report, columns: number): string[] {
  const { meter, thermometer, blockHits, controls } = report;
  const met = countBlockHits(blockHits);
  const sentences = meter === null ? [] : report.verdict === 'known-material-found' ? [meterWords(meter)] : meterSentences(meter);
  return [
    ...sentences.map((sentence, index) => `${index === 0 ? 'Meter        ' : HANGING}${sentence}`),
    ...(met.parts + met.leads === 0 ? [] : [`Blocks       ${blockHitCountWords(met)}`]),
    ...(thermometer === null ? [] : [`Content      ${contentWords(thermometer, columns)}`, ...thermometer.unexplained.map((one) => `${HANGING}${disagreementWords(one)}`)]),
    ...(controls.state === 'absent' ? [] : [`Controls     ${controlWords(controls)}`]),
  ];
}

function problemLines(report: Report): string[] {
  if (report.problems.length === 0) return [];
  const codes = [...Map.groupBy(report.problems, (problem) => problem.code)].map(([code, group]) => `${code} (${formatCount(group.reduce((sum, problem) => sum + problem.count, 0))})`);
  return [`Problems     ${codes.slice(0, NAMES_SHOWN).join(', ')}${codes.length > NAMES_SHOWN ? ', …' : ''}; what to do is in the report`];
}
