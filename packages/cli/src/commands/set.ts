import { wrongUse } from '../arguments.ts';
import { runSetBuild } from './set-build.ts';
import { runSetInfo } from './set-info.ts';
import { runSetLookup } from './set-lookup.ts';

/** `kerbside set build|info|lookup` */
export function runSetCommand(argv: readonly string[]): Promise<number> {
  const [action = '', ...rest] = argv;
  switch (action) {
    case 'build':
      return runSetBuild(rest);
    case 'info':
      return runSetInfo(rest);
    case 'lookup':
      return runSetLookup(rest);
    default:
      return Promise.reject(wrongUse(action === '' ? 'Say what to do with a set.' : `A set cannot be asked to "${action}".`, 'kerbside set build|info|lookup …  ("kerbside help set" tells more)'));
  }
}
