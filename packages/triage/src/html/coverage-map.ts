import type { CoverageState, Report } from '../report-types.ts';
import { coverageCells, coverageTotals } from './coverage-cells.ts';
import { formatBytes, formatCount, formatShare } from './figures.ts';
import { html, type Markup } from './markup.ts';

const COLUMNS = 100;
/** Units of the drawing in a cell. */
const CELL = 10;

/** States in the order of the table, with their words. */
const STATES: readonly (readonly [state: CoverageState, words: string])[] = [
  ['hit', 'known material stands here'],
  ['unreadable', 'could not be read'],
  ['encrypted', 'in a locked volume'],
  ['not-read', 'not read'],
  ['in-part', 'read in part: some reads fell here'],
  ['gated', 'files of a length that no set holds'],
  ['read', 'read and looked up'],
];

/** Most hits written out in the text for those who do not see the picture. */
const HITS_NAMED = 5;

/**
 * Where on the source was read, hit, unreadable, locked and not read, as folded rows of cells. Each
 * state has its own drawing beside its colour, so that it reads in black and white.
 */
export function coverageMap(report: Pick<Report, 'coverageMap' | 'coverage'>): Markup | null {
  const parts = report.coverageMap;
  const { sourceBytes } = report.coverage;
  if (parts.length === 0 || sourceBytes <= 0) return null;
  const { cellBytes, cells } = coverageCells(parts, sourceBytes);
  const totals = coverageTotals(parts, sourceBytes);
  const rows = Math.ceil(cells.length / COLUMNS);
  const columns = Math.min(COLUMNS, cells.length);
  const shown = STATES.filter(([state]) => cells.includes(state));
  const drawings = shown.map(([state]) => draw(state, cells.flatMap((cell, index) => (cell === state ? [index] : []))));
  return html`<h3>Picture of coverage</h3>
<p>The source from its first byte, top left, to its last. A cell is ${formatBytes(cellBytes)} and shows the worst of what it holds.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Picture of coverage"><svg class="coverage" viewBox="-1 -1 ${columns * CELL + 2} ${rows * CELL + 2}" role="img" aria-label="${mapWords(report, totals)}">${drawings}</svg></div>
<div class="scroll" tabindex="0" role="region" aria-label="Coverage by state"><table class="narrow stack"><thead><tr><th scope="col">Sign</th><th scope="col">State</th><th scope="col" class="n">Bytes</th><th scope="col" class="n">Share</th></tr></thead><tbody>
${STATES.filter(([state]) => cells.includes(state) || totals[state] > 0).map(([state, words]) => html`<tr><td><svg class="sign" viewBox="-1 -1 32 12" aria-hidden="true">${draw(state, [0, 1, 2])}</svg></td><td>${words}</td><td class="n" data-label="Bytes">${formatCount(totals[state])}</td><td class="n" data-label="Share">${formatShare(totals[state], sourceBytes)}</td></tr>
`)}<tr class="sum"><td></td><td>Source</td><td class="n" data-label="Bytes">${formatCount(sourceBytes)}</td><td class="n" data-label="Share">100 %</td></tr></tbody></table></div>`;
}

function mapWords({ coverageMap: parts, coverage }: Pick<Report, 'coverageMap' | 'coverage'>, totals: ReturnType<typeof coverageTotals>): string {
  const shares = STATES.flatMap(([state, words]) => (totals[state] > 0 ? [`${words}: ${formatShare(totals[state], coverage.sourceBytes)}`] : []));
  const hits = parts.filter((part) => part.state === 'hit');
  const places = hits.slice(0, HITS_NAMED).map((part) => formatCount(part.offset)).join(', ');
  return `Picture of the source. ${shares.join('; ')}.${hits.length === 0 ? '' : ` Known material from byte ${places}${hits.length > HITS_NAMED ? ' and more places' : ''}.`}`;
}

/** Draws the cells of one state: their ground, and the strokes that tell it without colour. */
function draw(state: CoverageState, cells: readonly number[]): Markup {
  let ground = '';
  let strokes = '';
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index]!;
    const at = placeOf(cell);
    let run = 1;
    while (index + run < cells.length && cells[index + run] === cell + run && (cell + run) % COLUMNS !== 0) run += 1;
    ground += `M${at.x} ${at.y}h${run * CELL}v${CELL}h${-run * CELL}z`;
    for (let step = 0; step < run; step++) strokes += strokesOf(state, at.x + step * CELL, at.y);
    index += run - 1;
  }
  return html`<path class="g-${state}" d="${ground}"/>${strokes === '' ? null : html`<path class="s-${state}" d="${strokes}"/>`}`;
}

function placeOf(cell: number): { readonly x: number; readonly y: number } {
  return { x: (cell % COLUMNS) * CELL, y: Math.floor(cell / COLUMNS) * CELL };
}

/** Hit: a light cross on dark. Unreadable: upright bars. Locked: crossed lines. Read in part: a dash. Gated: a dot. */
function strokesOf(state: CoverageState, x: number, y: number): string {
  switch (state) {
    case 'hit':
      return `M${x + 2} ${y + 5}h6M${x + 5} ${y + 2}v6`;
    case 'unreadable':
      return `M${x + 2.5} ${y}v${CELL}M${x + 7.5} ${y}v${CELL}`;
    case 'encrypted':
      return `M${x} ${y}l${CELL} ${CELL}M${x + CELL} ${y}l${-CELL} ${CELL}`;
    case 'in-part':
      return `M${x + 2} ${y + 5}h6`;
    case 'gated':
      return `M${x + 4} ${y + 5}h2`;
    case 'read':
    case 'not-read':
      return '';
  }
}
