import type { ByteRange } from '@kerbside/bytes';
import { EXTENT_COMPRESSED, EXTENT_HOLE, extentKind, extentLength, nextExtent } from '../extent-code.ts';
import type { Plan } from '../plan.ts';
import type { RunContext } from '../run-context.ts';
import { PLAN_NAMES } from '../run-stages.ts';
import { SURVEY_ORDER, type Survey } from '../survey/survey.ts';
import type { SurveyPass } from '../survey/survey-plan.ts';
import type { CertificateReads, NumberRun } from './certificate-types.ts';
import type { LeafSource } from './leaves-file.ts';

/** A stage of a run as a certificate states it, but for its root, and with its leaves. */
export type CertifiedStage = Omit<CertificateReads, 'merkleRoot'> & LeafSource;

/** Stages in the order of the certificate: passes of the survey, the reading plans, what was looked into. Those of which nothing was read are left out. */
export function leafStagesOf(context: RunContext, survey: Survey | null): CertifiedStage[] {
  return [...(survey === null ? [] : surveyStages(context, survey)), ...fileStages(context), ...contentStages(context)];
}

/** Name of a pass in a certificate: `systematic-0`, `jittered-3`, `rest-0`. */
export function passName({ kind, index }: SurveyPass): string {
  return `${kind}-${index}`;
}

function surveyStages(context: RunContext, survey: Survey): CertifiedStage[] {
  const done = [...survey.doneBatches()].sort((a, b) => a - b).map((number) => survey.batches.batchAt(number));
  const byPass = Map.groupBy(done, ({ passIndex }) => passIndex);
  return [...byPass].map(([passIndex, batches]): CertifiedStage => {
    const pass = survey.plan.passes[passIndex]!;
    const numbers = batches.map(({ number }) => number);
    return {
      lane: 'survey',
      name: passName(pass),
      generator: SURVEY_ORDER,
      unit: 'reads',
      planned: pass.reads,
      done: joinRuns(batches.map(({ from, to }) => ({ first: from, count: to - from }))),
      count: batches.reduce((sum, { from, to }) => sum + to - from, 0),
      leaves: context.journal.survey.leaves(numbers[0]!, numbers.at(-1)!),
    };
  });
}

function fileStages(context: RunContext): CertifiedStage[] {
  return PLAN_NAMES.flatMap((name, number): CertifiedStage[] => {
    const plan = context.plans.get(number);
    const done = [...context.journal.doneBatches(number)].sort((a, b) => a - b);
    if (plan === undefined || done.length === 0) return [];
    return [
      {
        lane: 'file',
        name,
        generator: plan.fingerprint,
        unit: 'batches',
        planned: plan.batchCount,
        done: joinRuns(done.map((batch) => ({ first: batch, count: 1 }))),
        count: done.reduce((sum, batch) => sum + plan.batchStarts[batch + 1]! - plan.batchStarts[batch]!, 0),
        leaves: leavesOnly(context, number),
      },
    ];
  });
}

function contentStages({ journal, contentPlan: plan }: RunContext): CertifiedStage[] {
  const done = [...journal.content.doneBatches()].sort((a, b) => a - b);
  if (plan === null || done.length === 0) return [];
  return [
    {
      lane: 'content',
      name: LOOKED_INTO,
      generator: plan.fingerprint,
      unit: 'batches',
      planned: plan.batchCount,
      done: joinRuns(done.map((batch) => ({ first: batch, count: 1 }))),
      count: done.reduce((sum, batch) => sum + plan.batchStarts[batch + 1]! - plan.batchStarts[batch]!, 0),
      leaves: contentLeaves(journal),
    },
  ];
}

function* contentLeaves({ content }: RunContext['journal']): Generator<Uint8Array> {
  for (const { leaves } of content.leaves()) yield leaves;
}

/** Name of the content lane's one stage in a certificate. */
export const LOOKED_INTO = 'looked-into';

function* leavesOnly(context: RunContext, number: number): Generator<Uint8Array> {
  for (const { leaves } of context.journal.leaves(number)) yield leaves;
}

function joinRuns(runs: readonly NumberRun[]): NumberRun[] {
  const joined: { first: number; count: number }[] = [];
  for (const { first, count } of runs) {
    const last = joined.at(-1);
    if (last !== undefined && last.first + last.count === first) last.count += count;
    else joined.push({ first, count });
  }
  return joined;
}

/**
 * Where on the source the content of a leaf stands.
 * @param stage as stated; its `done` says which read or batch the leaf belongs to
 */
export function rangesOfLeaf(context: RunContext, survey: Survey | null, stage: Pick<CertificateReads, 'lane' | 'name' | 'done'>, leaf: number): ByteRange[] {
  if (stage.lane === 'survey') {
    const passIndex = survey?.plan.passes.findIndex((pass) => passName(pass) === stage.name) ?? -1;
    const read = readNumberAt(stage.done, leaf);
    return survey === null || passIndex < 0 || read === null ? [] : [survey.plan.readAt(passIndex, read)];
  }
  const plan = stage.lane === 'content' ? (context.contentPlan ?? undefined) : context.plans.get(PLAN_NAMES.findIndex((name) => name === stage.name));
  const place = plan === undefined ? null : numberAt(stage.done, leaf, (batch) => plan.batchStarts[batch + 1]! - plan.batchStarts[batch]!);
  return plan === undefined || place === null ? [] : rangesOfItem(context, plan, plan.batchStarts[place.number]! + place.within);
}

/** Number of the read that a leaf belongs to: there is one leaf a read. */
function readNumberAt(done: readonly NumberRun[], leaf: number): number | null {
  let left = leaf;
  for (const { first, count } of done) {
    if (left < count) return first + left;
    left -= count;
  }
  return null;
}

/** Which of the numbers done holds a leaf, each with as many leaves as `leavesIn` says, and which leaf of it that is. */
function numberAt(done: readonly NumberRun[], leaf: number, leavesIn: (number: number) => number): { readonly number: number; readonly within: number } | null {
  let left = leaf;
  for (const { first, count } of done) {
    for (let number = first; number < first + count; number++) {
      const leaves = leavesIn(number);
      if (left < leaves) return { number, within: left };
      left -= leaves;
    }
  }
  return null;
}

function rangesOfItem({ catalogue }: RunContext, plan: Pick<Plan, 'ordinals'>, entry: number): ByteRange[] {
  const ordinal = plan.ordinals[entry]!;
  const { pairs } = catalogue;
  const ranges: ByteRange[] = [];
  const end = catalogue.extentEnd(ordinal);
  for (let at = catalogue.extentStart(ordinal); at < end; at = nextExtent(pairs, at)) {
    const kind = extentKind(pairs[at * 2 + 1]!);
    if (kind === EXTENT_COMPRESSED) for (let run = at + 1; run <= at + pairs[at * 2]!; run++) ranges.push({ offset: pairs[run * 2]!, length: pairs[run * 2 + 1]! });
    else if (kind !== EXTENT_HOLE) ranges.push({ offset: pairs[at * 2]!, length: extentLength(pairs[at * 2 + 1]!) });
  }
  return ranges;
}
