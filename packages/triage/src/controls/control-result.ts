/** Outcome of the control volume that is scanned before the evidence. */
export interface ControlResult {
  /** `absent` only where a caller of the library leaves the controls out; the command never does. */
  readonly state: 'absent' | 'passed' | 'failed';
  /** SHA-256 of the control volume, hex; empty when absent. */
  readonly volumeDigest: string;
  readonly elapsedMs: number;
  /** One a marker that must be found, and one a look-alike that must not, in a fixed order. */
  readonly markers: readonly ControlMarker[];
}

export interface ControlMarker {
  readonly name: string;
  readonly expected: 'hit' | 'no-hit';
  /**
   * `ok`; `missed`: should be a hit and was none, or could not be compared; `false-hit`; `not-tried`: what it needs is
   * not there or has no part in the run, so that nothing is said of it.
   */
  readonly outcome: 'ok' | 'missed' | 'false-hit' | 'not-tried';
  /** Why it was not tried; absent for any other outcome. */
  readonly reason?: string;
}

/** What makes an instrument unfit. A marker that was not tried is no fault, and no proof of anything. */
export function isFailed({ outcome }: Pick<ControlMarker, 'outcome'>): boolean {
  return outcome === 'missed' || outcome === 'false-hit';
}

/** One marker right at the least, and none that failed. */
export function isFit(markers: readonly Pick<ControlMarker, 'outcome'>[]): boolean {
  return markers.some(({ outcome }) => outcome === 'ok') && !markers.some(isFailed);
}

/** The result of a run whose caller left the controls out. */
export const CONTROLS_ABSENT: ControlResult = { state: 'absent', volumeDigest: '', elapsedMs: 0, markers: [] };
