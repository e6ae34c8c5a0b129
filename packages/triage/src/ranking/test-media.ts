import type { SearchContext } from './search-context.ts';
import type { SeenMedia } from './seen-media.ts';

/** An item of which nothing is known but its path; for tests. */
export function plainMedia(ordinal: number, change: Partial<SeenMedia> = {}): SeenMedia {
  return {
    ordinal,
    path: `p1/DCIM/100/IMG_${ordinal}.JPG`,
    folder: 'p1/DCIM/100',
    kind: 'picture',
    standing: 'unseen',
    state: 'allocated',
    sizeBytes: null,
    widthPx: null,
    heightPx: null,
    format: null,
    capturedAtMs: null,
    gps: null,
    make: null,
    model: null,
    serial: null,
    software: null,
    hiddenAttribute: null,
    underNoMedia: null,
    pdq: null,
    faces: null,
    scores: [],
    ...change,
  };
}

export const TEST_CONTEXT: SearchContext = {
  cameras: [
    { make: 'Northlight', model: 'N-20', serial: 'A1', namedAs: 'exhibit SMB/14' },
    { make: 'Northlight', model: 'N-20', serial: null, namedAs: 'exhibit SMB/15' },
    { make: 'Harbour', model: 'Pocket 3', serial: null, namedAs: 'exhibit SMB/16' },
  ],
  premises: [{ latitude: 54.5742, longitude: -1.2349, namedAs: 'the premises' }],
  models: [{ modelId: 'drawings', label: 'photograph' }],
};
