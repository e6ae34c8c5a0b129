import type { Report } from '@kerbside/triage';
import { formatBytes, formatCount, formatDuration, VERDICT_SHAPES, VERDICT_WORDS } from '@kerbside/triage';
import { hitWords } from './words.ts';

/** Hits and problem codes listed on the terminal; the report files have all. */
const ROWS_SHOWN = 10;

/** The plain terminal summary of a run: answer first, then its reasons, hits, coverage and where the report is. */
export function summaryLines(report: Report, files: { readonly json: string; readonly html: string }): string[] {
  const { items } = report.coverage;
  const lines = ['', `${VERDICT_SHAPES[report.verdict]} ${VERDICT_WORDS[report.verdict].toUpperCase()}`, ''];
  for (const reason of report.reasons) lines.push(`  - ${reason.message}`);
  const alerts = report.hits.filter((hit) => hit.meaning === 'alert');
  const shown = (alerts.length > 0 ? alerts : report.hits).slice(0, ROWS_SHOWN);
  if (shown.length > 0) {
    lines.push('', `Hits: ${formatCount(report.hits.length)}${report.timings.firstHitMs === null ? '' : `, the first after ${formatDuration(report.timings.firstHitMs)}`}`);
    for (const hit of shown) lines.push(`  ${hit.path}`, `      ${hitWords(hit)} ${hit.digest}`);
    if (report.hits.length > shown.length) lines.push(`  … and ${formatCount(report.hits.length - shown.length)} more in the report`);
  }
  lines.push(
    '',
    `Items seen   ${formatCount(items.seen)} = ${formatCount(items.read)} read + ${formatCount(items.gated)} of a length in no set + ${formatCount(items.skippedByPlan)} with nothing to read + ${formatCount(items.problems)} with problems`,
    `Bytes        ${formatBytes(report.coverage.bytesRead)} of content read, source ${formatBytes(report.coverage.sourceBytes)}${report.coverage.unreadableBytes > 0 ? `, ${formatCount(report.coverage.unreadableBytes)} bytes unreadable` : ''}`,
    `Time         ${formatDuration(report.timings.totalMs)}`,
  );
  if (report.problems.length > 0) {
    const codes = [...Map.groupBy(report.problems, (problem) => problem.code)].map(([code, group]) => `${code} (${formatCount(group.reduce((sum, problem) => sum + problem.count, 0))})`);
    lines.push(`Problems     ${codes.slice(0, ROWS_SHOWN).join(', ')}${codes.length > ROWS_SHOWN ? ', …' : ''}`);
  }
  lines.push('', `Report       ${files.html}`, `             ${files.json}`);
  return lines;
}
