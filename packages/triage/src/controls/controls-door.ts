import type { ControlResult } from './control-result.ts';
import type { ControlLane, PreparedControls } from './control-specimen.ts';
import type { ControlMakers } from './prepare-controls.ts';
import type { ControlRunner } from './run-controls.ts';

/** Has the control files ready: see `prepare-controls.ts`, which loads when it is called. */
export async function prepareControls(home: string, makers: ControlMakers): Promise<PreparedControls> {
  return (await import('./prepare-controls.ts')).prepareControls(home, makers);
}

/** What is there of the control files: see `prepare-controls.ts`, which loads when it is called. */
export async function lookAtControls(home: string, makers: ControlMakers): Promise<'absent' | 'ready'> {
  return (await import('./prepare-controls.ts')).lookAtControls(home, makers);
}

/** Scans the control volume and compares: see `run-controls.ts`, which loads when it is called. */
export async function runControls(controls: PreparedControls, runner: ControlRunner, lanes: ReadonlySet<ControlLane>, whyNotNear: string | null = null): Promise<ControlResult> {
  return (await import('./run-controls.ts')).runControls(controls, runner, lanes, whyNotNear);
}
