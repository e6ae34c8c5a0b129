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
  /** `ok`, `missed` (should be a hit and was none) or `false-hit`. */
  readonly outcome: 'ok' | 'missed' | 'false-hit';
}

/** The result of a run whose caller left the controls out. */
export const CONTROLS_ABSENT: ControlResult = { state: 'absent', volumeDigest: '', elapsedMs: 0, markers: [] };
