import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { KerbsideError, RefusedError } from '@kerbside/bytes';

/**
 * What a person can do about a failed write, as a RefusedError; any other error as it is.
 * @param times how many times the size of the finished set a build needs, in words
 */
export function explainWriteFailure(error: unknown, out: string, times: string): unknown {
  if (error instanceof KerbsideError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new RefusedError(
      'set-no-space',
      `there is no space left beside ${out}: building needs about ${times} times the size of the finished set; nothing was left behind`,
      {},
      error,
    );
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM' || code === 'EIO' || code === 'EISDIR') {
    return new RefusedError('set-not-writable', `${out} could not be written (${(error as Error).message})`, {}, error);
  }
  return error;
}

/** Removes what builds of the same set left when they were killed. */
export function removeStalePartials(out: string): void {
  const prefix = `${basename(out)}.partial-`;
  for (const name of readdirSync(dirname(out))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (pid > 0 && pid !== process.pid && isRunning(pid)) continue;
    rmSync(join(dirname(out), name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
