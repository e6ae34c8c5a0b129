/** A running command that a person or the system may stop: once in an orderly way, twice at once. */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Exit code of a program ended by Ctrl-C, as shells give it. */
const ENDED_AT_ONCE = 130;

/**
 * Turns the first Ctrl-C (or SIGTERM) into an abort; a second one ends the program at once.
 * @param onStop called at the first, to say so on the screen
 */
export function listenForStop(onStop: () => void): StopSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(ENDED_AT_ONCE);
    controller.abort();
    onStop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
