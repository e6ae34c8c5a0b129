import type { JsonObject } from '@kerbside/ledger';

/*
 * A signature says who wrote a certificate, not that its fields are what they should be. Before
 * anything is computed from a certificate, its shape is checked against this table. Fields that are
 * not named here may stand beside.
 */

/** Says where a value is not what it should be, or null. */
type Check = (value: unknown, at: string) => string | null;

const wrong = (at: string, expected: string): string => `The field ${at} is not ${expected}.`;
const when = (test: (value: unknown) => boolean, expected: string): Check => (value, at) => (test(value) ? null : wrong(at, expected));

const text = when((value) => typeof value === 'string', 'a text');
const flag = when((value) => typeof value === 'boolean', 'true or false');
const finite = when((value) => Number.isFinite(value), 'a number');
const count = when((value) => Number.isSafeInteger(value) && (value as number) >= 0, 'a whole number from 0 on');
const share = when((value) => typeof value === 'number' && value >= 0 && value <= 1, 'a share from 0 to 1');
const digest = when((value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value), 'a SHA-256 in hex');
const digestOrEmpty = when((value) => typeof value === 'string' && /^(|[0-9a-f]{64})$/.test(value), 'a SHA-256 in hex, or empty');
const anyObject = when((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'an object');
const oneOf = (...words: readonly string[]): Check => when((value) => words.includes(value as string), `one of ${words.join(', ')}`);
const orNull = (check: Check): Check => (value, at) => (value === null ? null : check(value, at));
const orAbsent = (check: Check): Check => (value, at) => (value === undefined ? null : check(value, at));

const list = (check: Check): Check => (value, at) => {
  if (!Array.isArray(value)) return wrong(at, 'a list');
  for (const [index, one] of value.entries()) {
    const fault = check(one, `${at}[${index}]`);
    if (fault !== null) return fault;
  }
  return null;
};

const record = (fields: Readonly<Record<string, Check>>): Check => (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(at, 'an object');
  for (const [name, check] of Object.entries(fields)) {
    const fault = check(Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined, at === '' ? name : `${at}.${name}`);
    if (fault !== null) return fault;
  }
  return null;
};

const VERDICT = oneOf('known-material-found', 'needs-examination', 'nothing-known-found', 'not-finished');
const MEANING = oneOf('alert', 'ignorable', 'reference');
const STRENGTH = oneOf('confirmed', 'weak-only', 'contradicted');
const RANGE = record({ offset: count, length: count });
const REASON = record({ code: text, message: text, count });
const LONG_FILES = orAbsent(record({ aboveBytes: count, timesAsMuch: finite }));
const SKIPPED = record({ 'no-runs': count, empty: count, 'not-content': count, 'nothing-stored': count, 'left-by-profile': count, 'not-reached': count });
const ITEMS = record({ seen: count, read: count, gated: count, skippedByPlan: count, problems: count, skipped: SKIPPED, directories: count, others: count });

const METER = record({
  unbrokenBytes: orNull(finite),
  scattered: list(record({ bytes: finite, probability: share })),
  filesChecked: count,
  filesTotal: count,
  systematicReads: count,
  jitteredReads: count,
  unreadableBytes: count,
  indexedShare: share,
  longFiles: LONG_FILES,
});

const SURVEY = record({ order: text, seed: text, startOffset: count, chunkBytes: count, spacingBytes: orNull(count), parameters: anyObject });
const READS = record({
  lane: oneOf('survey', 'file', 'content'),
  name: text,
  generator: text,
  unit: oneOf('reads', 'batches'),
  planned: count,
  done: list(record({ first: count, count })),
  count,
  merkleRoot: digest,
});

const CERTIFICATE = record({
  tool: record({ name: text, version: text, buildDigest: digest, node: text }),
  configuration: record({ profile: text, until: orNull(record({ bytes: finite, probability: share })), minutes: orNull(finite), planVersion: count, writeBlocker: orNull(text) }),
  configurationDigest: digest,
  source: record({ kind: text, path: text, sizeBytes: count, sectorSizeBytes: count, details: list(record({ name: text, value: text })), edgeDigest: digestOrEmpty }),
  sets: list(
    record({ name: text, kind: oneOf('compiled', 'blocks'), meaning: text, digest: text, owner: orNull(text), signerId: orNull(text), signature: orNull(text), expiresAt: orNull(text) }),
  ),
  plan: record({ survey: orNull(SURVEY), file: orNull(record({ planVersion: count, digests: list(text), sizeGate: text })) }),
  reads: list(READS),
  readsRoot: digest,
  readsFile: record({ sizeBytes: count, digest }),
  gaps: record({
    unreadableBytes: count,
    unreadableRanges: list(RANGE),
    unreadableRangesNotListed: count,
    encryptedVolumes: list(record({ id: text, name: text, startOffset: count, sizeBytes: count })),
    items: ITEMS,
    bytesGated: count,
    problems: list(record({ code: text, count })),
  }),
  controls: record({
    state: oneOf('absent', 'passed', 'failed'),
    volumeDigest: digestOrEmpty,
    elapsedMs: finite,
    markers: list(record({ name: text, expected: oneOf('hit', 'no-hit'), outcome: oneOf('ok', 'missed', 'false-hit', 'not-tried'), reason: orAbsent(text) })),
  }),
  result: record({
    verdict: VERDICT,
    reasons: list(REASON),
    meter: METER,
    hits: record({ count, digest, counts: list(record({ meaning: MEANING, strength: STRENGTH, count })) }),
    blockHits: record({ count, digest }),
  }),
  verdictInput: record({
    state: oneOf('finished', 'stopped'),
    sets: count,
    isScreen: flag,
    leftWithoutBlocks: count,
    problems: list(record({ code: text, kind: text, count })),
    items: ITEMS,
    unreadableBytes: count,
    volumes: list(record({ id: text, state: oneOf('file-system', 'encrypted', 'unsupported', 'unrecognised'), name: text, intact: flag, appears: text })),
    gaps: list(record({ lengthBytes: count, appears: text })),
    unfinishedStages: list(text),
    controls: record({ state: oneOf('absent', 'passed', 'failed'), failedMarkers: list(text) }),
    blockHits: list(record({ rule: oneOf('run', 'share', 'lead') })),
    disagreements: list(record({ class: text, sampledLow: share, accountedShare: share })),
    meter: orNull(record({ unbrokenBytes: orNull(finite), scattered: orNull(record({ bytes: finite, probability: share })), filesChecked: count, filesTotal: count, indexedShare: share, longFiles: LONG_FILES })),
  }),
  reportDigest: digest,
  times: record({ startedAt: text, finishedAt: text, totalMs: finite, resumed: count }),
  signature: record({ algorithm: oneOf('Ed25519'), owner: text, publicKey: text, signerId: text, value: text }),
});

/** What is wrong with the fields of a certificate, or null when they can be used. */
export function certificateFault(value: JsonObject): string | null {
  return CERTIFICATE(value, '');
}
