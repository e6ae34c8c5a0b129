import { CONTENT_CLASSES, loadReportPage, type BlockHit, type ContentClass, type ControlResult, type Meter, type Report, type ReportCertificate, type ReportHit, type ReportProblem, type ReportSet, type ReportVolume, type Thermometer, type Verdict } from '@kerbside/triage';

const renderReportHtml = await loadReportPage();

/* Reports as runs make them, for tests of what an officer sees. All names are made up. */

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** One hit; what is not given is a plain one. */
export function sampleHit(change: Partial<ReportHit> = {}): ReportHit {
  return {
    path: 'p1/DCIM/100CANON/IMG_0001.JPG',
    size: 287_351,
    allocated: true,
    state: 'allocated',
    id: '1052672',
    set: 'Example list',
    meaning: 'alert',
    category: 'A',
    categoryBasis: 'trusted',
    rawCategory: '1',
    algorithm: 'sha256',
    digest: '2e7ef01fd99a65396d9cadfb8423a64275d6ec7b91f90020b77a9697245f9ad4',
    offset: 3_966_976,
    digests: {},
    confirmedBy: ['md5', 'sha1', 'sha256'],
    contradictedBy: [],
    strength: 'confirmed',
    view: 'system',
    recovery: null,
    sizeAgrees: true,
    ...change,
  };
}

const SET: ReportSet = {
  blocks: null,
  name: 'Example list',
  meaning: 'alert',
  path: '/sets/example.kset',
  digest: 'ac0d935bf30341d1e1013b2c142562eb26a34ce890854a9f90a9bd0e6cef6ea3',
  formatVersion: 1,
  createdAt: '2026-01-05T08:30:00.000Z',
  sources: [{ file: 'example.json', format: 'vics', sha256: 'eac1c75d32a2e2914882537d20666a9c54bacad16b89268072ac85d1e9d3ea42', rows: 20_206 }],
  rows: 20_206,
  rowsWith: { md5: 20_206, sha1: 20_206, sha256: 20_206, ed2k: 0 },
  rowsWithoutSize: 0,
  hits: 0,
  hitsNotListed: 0,
};

const VOLUME: ReportVolume = {
  id: 'p1',
  startOffset: MIB,
  sizeBytes: 4 * GIB,
  scheme: 'mbr',
  declaredType: '0x0c',
  state: 'file-system',
  name: 'FAT32',
  label: 'CAMERA',
  basis: 'primary',
  appears: null,
  items: 4544,
};

const MARKERS = ['FAT32, live', 'FAT32, deleted', 'exFAT, fragmented', 'NTFS, live', 'NTFS, in a ZIP', 'ext4, live', 'free space, block run'];

/** Controls that passed; two markers must not hit. */
export const CONTROLS_PASSED: ControlResult = {
  state: 'passed',
  volumeDigest: '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef',
  elapsedMs: 1240,
  markers: [...MARKERS.map((name) => ({ name, expected: 'hit' as const, outcome: 'ok' as const })), ...['look-alike, one byte changed', 'look-alike, same length'].map((name) => ({ name, expected: 'no-hit' as const, outcome: 'ok' as const }))],
};

/** The same with one marker missed and one look-alike hit. */
export const CONTROLS_FAILED: ControlResult = {
  ...CONTROLS_PASSED,
  state: 'failed',
  markers: CONTROLS_PASSED.markers.map((marker) => (marker.name === 'exFAT, fragmented' ? { ...marker, outcome: 'missed' } : marker.name === 'look-alike, same length' ? { ...marker, outcome: 'false-hit' } : marker)),
};

/** What a survey of an hour says. */
export const METER: Meter = {
  unbrokenBytes: 20 * MIB,
  scattered: [{ bytes: 5 * MIB, probability: 0.7013 }, { bytes: 20 * MIB, probability: 0.99207 }, { bytes: 100 * MIB, probability: 0.999999 }],
  filesChecked: 48_112,
  filesTotal: 48_112,
  systematicReads: 47_684,
  jitteredReads: 219_590,
  unreadableBytes: 0,
  indexedShare: 0.973,
};

/** A thermometer of the given shares, with intervals as wide as 2,412 reads have them. */
export function sampleThermometer(shares: Partial<Record<ContentClass, number>>, change: Partial<Thermometer> = {}): Thermometer {
  const reads = 2412;
  return {
    reads,
    unreadable: 0,
    shares: CONTENT_CLASSES.map((one) => {
      const share = shares[one] ?? 0;
      const half = 1.96 * Math.sqrt((share * (1 - share)) / reads) + (share === 0 ? 0.0016 : 0);
      return { class: one, reads: Math.round(share * reads), share, low: Math.max(0, share - half), high: Math.min(1, share + half) };
    }),
    unexplained: [],
    ...change,
  };
}

const THERMOMETER = sampleThermometer({ picture: 0.41, video: 0.12, document: 0.05, compressed: 0.03, 'high-entropy': 0.08, empty: 0.2, other: 0.11 });

/** A block hit; what is not given is a run in free space. */
export function sampleBlockHit(change: Partial<BlockHit> = {}): BlockHit {
  return {
    set: 'Example blocks',
    category: 'A',
    rule: 'run',
    ranges: [{ offset: 3_221_225_472, length: 151_552 }],
    blocksMatched: 37,
    file: { number: 1204, sizeBytes: 214_020, indexedBlocks: 52 },
    volume: 'p1',
    item: null,
    isOfWholeHit: false,
    ...change,
  };
}

/** One read of 64 KiB in each MiB, all files of the first GiB read, the next of lengths in no set. */
const SURVEYED: Report['coverageMap'] = [
  { offset: 0, length: GIB, state: 'read' },
  { offset: GIB, length: GIB, state: 'gated' },
  ...Array.from({ length: 2 * 1024 }, (_, n) => ({ offset: 2 * GIB + n * MIB, length: 65_536, state: 'read' as const })),
];

const CERTIFICATE: ReportCertificate = {
  file: 'certificate.json',
  signerId: '3d1c9a70b5e2f846',
  owner: 'Example Force, digital unit',
  roots: [
    { lane: 'survey', count: 267_274, root: '1b4f0e9851971998e732078544c96b36c3d01cedf7caa332359d6f1d83567014' },
    { lane: 'file', count: 120, root: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752' },
  ],
};

function baseReport(verdict: Verdict): Report {
  return {
    formatVersion: 2,
    verdict,
    reasons: [{ code: verdict, message: 'Nothing known found in what was read: 120 items read, 4373 of a length that no set holds, 51 with nothing to read.', count: 4544 }],
    hits: [],
    blockHits: [],
    nearHits: [],
    ranking: null,
    meter: METER,
    thermometer: THERMOMETER,
    coverage: {
      sourceBytes: 8 * GIB,
      bytesRead: 507 * MIB,
      itemBytesRead: 507 * MIB,
      bytesGated: 3 * GIB,
      items: {
        seen: 4544,
        read: 120,
        gated: 4373,
        skippedByPlan: 51,
        problems: 0,
        skipped: { 'no-runs': 1, empty: 50, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 0 },
        directories: 64,
        others: 0,
      },
      carving: null,
      content: null,
      stages: [],
      unreadableBytes: 0,
      unreadableRanges: [],
      unreadableRangesNotListed: 0,
    },
    coverageMap: SURVEYED,
    problems: [],
    volumes: [VOLUME],
    gaps: [{ id: 'g1', range: { offset: 0, length: MIB }, appears: 'empty' }],
    source: { kind: 'block-device', path: '/dev/sdb', sizeBytes: 8 * GIB, sectorSizeBytes: 512, details: [{ name: 'Model', value: 'Example Card Reader' }], edgeDigest: SET.digest, edgeDigestAfter: SET.digest, readsRepeated: 64 },
    sets: [SET],
    plan: {
      profile: 'known',
      digests: ['sha1'],
      sizeGate: 'on',
      survey: { seed: SET.digest, chunkBytes: 65_536, seekCostBytes: 0, spacingBytes: 20 * MIB, passes: [{ kind: 'systematic', reads: 410 }, { kind: 'jittered', reads: 1024 }] },
    },
    controls: CONTROLS_PASSED,
    certificate: CERTIFICATE,
    manifest: null,
    tool: { name: 'kerbside', version: '0.1.0', node: 'v24.21.0' },
    timings: { startedAt: '2026-11-23T19:59:26.488Z', finishedAt: '2026-11-23T20:01:28.319Z', firstHitMs: null, totalMs: 121_831, resumed: 0 },
  };
}

/** Parts of a map with some of them taken by another state, ascending. */
function withState(parts: Report['coverageMap'], changes: Report['coverageMap']): Report['coverageMap'] {
  const rest = parts.flatMap((part) => {
    let left = [part];
    for (const { offset, length } of changes) {
      left = left.flatMap((one) => [
        { ...one, length: Math.max(0, Math.min(one.length, offset - one.offset)) },
        { ...one, offset: Math.max(one.offset, offset + length), length: Math.max(0, one.offset + one.length - Math.max(one.offset, offset + length)) },
      ]);
    }
    return left.filter((one) => one.length > 0);
  });
  return [...rest, ...changes].sort((a, b) => a.offset - b.offset);
}

const LOCKED: ReportVolume = { ...VOLUME, id: 'p2', startOffset: 4 * GIB + MIB, sizeBytes: 3 * GIB, state: 'encrypted', name: 'BitLocker', label: '', basis: null, items: 0 };

const PROBLEMS: readonly ReportProblem[] = [
  { kind: 'unsupported', code: 'volume-encrypted', message: 'volume p2 is locked (BitLocker)', where: { volume: 'p2', offset: LOCKED.startOffset, length: LOCKED.sizeBytes }, count: 1 },
  { kind: 'medium', code: 'medium-read-failed', message: 'the medium failed to read 512 bytes', where: { volume: 'p1', path: 'p1/DCIM/100CANON/IMG_0044.JPG', offset: 77_824, length: 512 }, count: 1 },
];

/** A realistic report for each verdict. */
export const SAMPLE_REPORTS: Readonly<Record<Verdict, Report>> = {
  'nothing-known-found': baseReport('nothing-known-found'),
  'known-material-found': {
    ...baseReport('known-material-found'),
    reasons: [
      { code: 'known-material', message: '2 hits in an alert set.', count: 2 },
      { code: 'known-material-weak-digest', message: '1 hit rests on MD5 or ED2K alone: the set holds no stronger digest for it.', count: 1 },
    ],
    hits: [
      sampleHit(),
      sampleHit({ path: 'p1/DCIM/100CANON/_MG_0002.JPG', id: '1052704', state: 'deleted', allocated: false, recovery: { basis: 'clusters-reused', reusedShare: 0.25 }, category: 'B', categoryBasis: 'indicative', offset: 9_000_448 }),
      sampleHit({ set: 'Old list', algorithm: 'md5', digest: 'f9413c7a043433f65e599592bac4ca73', strength: 'weak-only', confirmedBy: ['md5'], category: 'unmapped', categoryBasis: 'unstated' }),
      sampleHit({ path: 'p1/PROGRAMS/PLAYER.EXE', id: '99', set: 'Software', meaning: 'ignorable', category: 'unmapped', categoryBasis: 'unstated' }),
    ],
    sets: [{ ...SET, hits: 2 }, { ...SET, name: 'Old list', hits: 1 }, { ...SET, name: 'Software', meaning: 'ignorable', hits: 1 }],
    blockHits: [
      sampleBlockHit(),
      sampleBlockHit({ rule: 'share', item: 'p1/DCIM/100CANON/IMG_0007.JPG', ranges: [{ offset: 30_000_128, length: 90_112 }, { offset: 31_457_280, length: 45_056 }], blocksMatched: 33, file: { number: 7, sizeBytes: 161_003, indexedBlocks: 36 } }),
      sampleBlockHit({ rule: 'lead', file: null, blocksMatched: 1, ranges: [{ offset: 4_299_161_600, length: 4096 }], volume: '', category: 'unstated' }),
    ],
    coverageMap: withState(SURVEYED, [{ offset: 3_966_976, length: 287_351, state: 'hit' }, { offset: 30_000_128, length: 90_112, state: 'hit' }, { offset: 3_221_225_472, length: 151_552, state: 'hit' }]),
    timings: { ...baseReport('known-material-found').timings, firstHitMs: 4100 },
  },
  'needs-examination': {
    ...baseReport('needs-examination'),
    reasons: [
      { code: 'encrypted-volume', message: '1 locked volume (BitLocker): p2.', count: 1 },
      { code: 'unreadable-bytes', message: '512 bytes of the source could not be read.', count: 512 },
    ],
    problems: PROBLEMS,
    volumes: [VOLUME, LOCKED],
    meter: { ...METER, unbrokenBytes: 20.3 * MIB, scattered: [{ bytes: 20 * MIB, probability: 0.98999 }], filesChecked: 48_000, unreadableBytes: 512 },
    thermometer: sampleThermometer({ picture: 0.121, video: 0.02, 'high-entropy': 0.38, empty: 0.4, other: 0.079 }, { unreadable: 3, unexplained: [{ class: 'picture', sampledLow: 0.1087, accountedShare: 0.021 }, { class: 'high-entropy', sampledLow: 0.36, accountedShare: 0.004 }] }),
    coverageMap: withState(SURVEYED, [{ offset: 77_824, length: 512, state: 'unreadable' }, { offset: 2.5 * GIB, length: 40 * MIB, state: 'unreadable' }, { offset: LOCKED.startOffset, length: LOCKED.sizeBytes, state: 'encrypted' }]),
    coverage: { ...baseReport('needs-examination').coverage, unreadableBytes: 512, unreadableRanges: [{ offset: 77_824, length: 512 }] },
  },
  'not-finished': {
    ...baseReport('not-finished'),
    meter: { ...METER, unbrokenBytes: null, scattered: [], filesChecked: 373, filesTotal: 4373, systematicReads: 0, jitteredReads: 0 },
    thermometer: null,
    certificate: null,
    coverageMap: [{ offset: 0, length: 300 * MIB, state: 'read' }],
    reasons: [{ code: 'not-finished', message: 'Not finished: 4000 items still to be read. Stages not finished: content, orphans, orphan-content.', count: 4000 }],
    coverage: {
      ...baseReport('not-finished').coverage,
      items: { ...baseReport('not-finished').coverage.items, gated: 373, skippedByPlan: 4051, skipped: { 'no-runs': 1, empty: 50, 'not-content': 0, 'nothing-stored': 0, 'left-by-profile': 0, 'not-reached': 4000 } },
    },
  },
};

/** The page of a sample report. */
export function samplePage(verdict: Verdict, change: Partial<Report> = {}): string {
  return renderReportHtml({ ...SAMPLE_REPORTS[verdict], ...change });
}
