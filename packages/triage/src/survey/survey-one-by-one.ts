import { InternalError, problemFrom } from '@kerbside/bytes';
import { TREE_HASH_BYTES } from '@kerbside/ledger';
import { leafOfRead } from '../certificate/read-leaf.ts';
import { ThreadDied } from '../thread-pool.ts';
import { NOT_CLASSED, type SurveyJob, type SurveyResult } from './survey-job.ts';

/** After a thread died on a batch: each read alone, so that only the one to blame counts as unread. */
export async function surveyOneByOne(job: SurveyJob, readOnce: (job: SurveyJob) => Promise<SurveyResult>): Promise<SurveyResult> {
  const results: SurveyResult[] = [];
  for (let read = 0; read < job.reads.offsets.length; read++) {
    const one: SurveyJob = { ...job, reads: { offsets: job.reads.offsets.slice(read, read + 1), lengths: job.reads.lengths.slice(read, read + 1) } };
    try {
      results.push(await readOnce(one));
    } catch (error) {
      if (!(error instanceof ThreadDied)) throw error;
      results.push(unreadResult(one, error.message));
    }
  }
  const leaves = new Uint8Array(results.length * TREE_HASH_BYTES);
  for (const [read, result] of results.entries()) leaves.set(result.leaves, read * TREE_HASH_BYTES);
  return {
    id: job.id,
    whole: results.every(({ whole }) => whole),
    gone: results.find(({ gone }) => gone !== null)?.gone ?? null,
    leaves,
    classes: Uint8Array.from(results, ({ classes }) => classes[0]!),
    unread: results.flatMap(({ unread }, read) => unread.map(({ ranges }) => ({ read, ranges }))),
    unreadBeside: results.flatMap(({ unreadBeside }) => unreadBeside),
    problems: results.flatMap(({ problems }) => problems),
    runs: results.flatMap(({ runs }) => runs),
    manifestCodes: (results[0]?.manifestCodes ?? []).map((_, key) => Buffer.concat(results.map(({ manifestCodes }) => manifestCodes[key] ?? Buffer.alloc(0)))),
  };
}

function unreadResult({ id, reads }: SurveyJob, why: string): SurveyResult {
  const range = { offset: reads.offsets[0]!, length: reads.lengths[0]! };
  const problem = problemFrom(new InternalError('reader-died', `reading ${range.length} bytes at ${range.offset} ended its reading thread twice: ${why}`, range));
  return {
    id,
    whole: true,
    gone: null,
    leaves: leafOfRead(range.offset, range.length, new Uint8Array(0), [range]),
    classes: Uint8Array.of(NOT_CLASSED),
    unread: [{ read: 0, ranges: [range] }],
    unreadBeside: [],
    problems: [problem],
    runs: [],
    manifestCodes: [],
  };
}
