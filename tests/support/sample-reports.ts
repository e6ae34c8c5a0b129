import { renderReportHtml, type Report, type ReportHit, type ReportProblem, type ReportSet, type ReportVolume, type Verdict } from '@kerbside/triage';

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

function baseReport(verdict: Verdict): Report {
  return {
    formatVersion: 1,
    verdict,
    reasons: [{ code: verdict, message: 'Nothing known found in what was read: 120 items read, 4373 of a length that no set holds, 51 with nothing to read.', count: 4544 }],
    hits: [],
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
        skipped: { 'no-runs': 1, empty: 50, 'not-content': 0, 'nothing-stored': 0, 'not-reached': 0 },
        directories: 64,
        others: 0,
      },
      stages: [],
      unreadableBytes: 0,
      unreadableRanges: [],
      unreadableRangesNotListed: 0,
    },
    problems: [],
    volumes: [VOLUME],
    gaps: [{ id: 'g1', range: { offset: 0, length: MIB }, appears: 'empty' }],
    source: { kind: 'block-device', path: '/dev/sdb', sizeBytes: 8 * GIB, sectorSizeBytes: 512, details: [{ name: 'Model', value: 'Example Card Reader' }], edgeDigest: SET.digest },
    sets: [SET],
    plan: { digests: ['sha1'], sizeGate: 'on' },
    controls: 'absent',
    tool: { name: 'kerbside', version: '0.1.0', node: 'v24.21.0' },
    timings: { startedAt: '2026-11-23T19:59:26.488Z', finishedAt: '2026-11-23T20:01:28.319Z', firstHitMs: null, totalMs: 121_831, resumed: 0 },
  };
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
    coverage: { ...baseReport('needs-examination').coverage, unreadableBytes: 512, unreadableRanges: [{ offset: 77_824, length: 512 }] },
  },
  'not-finished': {
    ...baseReport('not-finished'),
    reasons: [{ code: 'not-finished', message: 'Not finished: 4000 items still to be read. Stages not finished: content, orphans, orphan-content.', count: 4000 }],
    coverage: {
      ...baseReport('not-finished').coverage,
      items: { ...baseReport('not-finished').coverage.items, gated: 373, skippedByPlan: 4051, skipped: { 'no-runs': 1, empty: 50, 'not-content': 0, 'nothing-stored': 0, 'not-reached': 4000 } },
    },
  },
};

/** The page of a sample report. */
export function samplePage(verdict: Verdict, change: Partial<Report> = {}): string {
  return renderReportHtml({ ...SAMPLE_REPORTS[verdict], ...change });
}
