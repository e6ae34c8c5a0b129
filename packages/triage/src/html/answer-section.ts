import { groupHitsByItem, tallyHits, tallyWords } from '../hit-words.ts';
import type { Report } from '../report-types.ts';
import { blockHitCountWords, countBlockHits, partWords } from '../survey-words.ts';
import { VERDICT_SHAPES, VERDICT_WORDS } from '../verdict-words.ts';
import { formatBytes, formatCount, formatDuration } from './figures.ts';
import { html, type Markup } from './markup.ts';

/** Sets named in the answer; the table of hits has all. */
const SETS_NAMED = 4;

/** The answer first: word, shape and colour, then the facts and the reasons. */
export function answerSection(report: Report): Markup {
  const { verdict, reasons } = report;
  return html`<section class="answer ${verdict}" aria-labelledby="answer"><h2 class="word" id="answer"><span aria-hidden="true">${VERDICT_SHAPES[verdict]} </span>${VERDICT_WORDS[verdict]}</h2>
${factsLine(report)}
${reasons.length === 1 ? html`<p>${reasons[0]!.message}</p>` : html`<ul>${reasons.map((reason) => html`<li>${reason.message}</li>`)}</ul>`}
${isFinished(report) ? null : html`<p>The same command with the same out folder goes on from here.</p>`}</section>`;
}

function factsLine(report: Report): Markup | null {
  const alerts = report.hits.filter((hit) => hit.meaning === 'alert');
  if (alerts.length > 0) {
    const files = groupHitsByItem(alerts).length;
    const { firstHitMs } = report.timings;
    const tallies = tallyHits(alerts);
    const more = tallies.length > SETS_NAMED ? `; ${tallies.length - SETS_NAMED} more sets` : '';
    return html`<p class="lead">${formatCount(files)} ${files === 1 ? 'file' : 'files'}${firstHitMs === null ? '' : `, the first hit after ${formatDuration(firstHitMs)}`}. ${tallies.slice(0, SETS_NAMED).map((tally) => tallyWords(tally, formatCount)).join('; ')}${more}.</p>`;
  }
  if (report.controls.state === 'failed') return html`<p class="lead">No evidence was read: the instrument is not fit.</p>`;
  const blocks = countBlockHits(report.blockHits);
  // A lead is no file, but it is not nothing either.
  if (blocks.parts + blocks.leads > 0) return html`<p class="lead">${blockHitCountWords(blocks)}, told by blocks.</p>`;
  const { read, gated } = report.coverage.items;
  if (report.verdict === 'needs-examination') return html`<p class="lead">${read + gated === 0 ? 'No file on it could be checked.' : 'Nothing known found in the part that was read.'}</p>`;
  if (report.verdict === 'not-finished') return html`<p class="lead">Nothing known found so far. This is no answer yet.</p>`;
  return null;
}

/** True when the run came to its end, whatever the verdict. */
export function isFinished(report: Report): boolean {
  return report.verdict !== 'not-finished' && !report.reasons.some((reason) => reason.code === 'not-finished');
}

/** The figures that stand beside the answer. */
export function tiles(report: Report): Markup {
  const files = groupHitsByItem(report.hits.filter((hit) => hit.meaning === 'alert')).length;
  const { items } = report.coverage;
  const blocks = countBlockHits(report.blockHits);
  const { 'not-reached': unreached, 'left-by-profile': left } = items.skipped;
  const nothingToRead = items.skippedByPlan - unreached - left;
  const rest = [
    ...(nothingToRead > 0 ? [`${formatCount(nothingToRead)} had nothing to read`] : []),
    ...(items.problems > 0 ? [`${formatCount(items.problems)} could not be read`] : []),
    ...(left > 0 ? [`${formatCount(left)} left unread by the profile`] : []),
    ...(unreached > 0 ? [`${formatCount(unreached)} not reached`] : []),
  ];
  return html`<ul class="tiles">
<li><b>${formatCount(files)}</b> ${files === 1 ? 'file' : 'files'} known to an alert set</li>
${blocks.parts + blocks.leads === 0 ? null : html`<li><b>${formatCount(blocks.parts)}</b> ${partWords(blocks.parts)}, by blocks${blocks.leads === 0 ? '' : `; ${formatCount(blocks.leads)} ${blocks.leads === 1 ? 'lead' : 'leads'}`}</li>
`}<li><b>${formatCount(items.read + items.gated)} of ${formatCount(items.seen)}</b> items checked against the sets${rest.length === 0 ? '' : `; ${rest.join(', ')}`}</li>
<li><b>${formatBytes(report.coverage.bytesRead)}</b> of content read, of a source of ${formatBytes(report.coverage.sourceBytes)}</li>
<li><b>${formatDuration(report.timings.totalMs)}</b> in all</li>
</ul>`;
}
