import { wrongUse } from '../arguments.ts';

/** `kerbside set build|blocks|info|lookup` */
export async function runSetCommand(argv: readonly string[]): Promise<number> {
  const [action = '', ...rest] = argv;
  switch (action) {
    case 'build':
      return (await import('./set-build.ts')).runSetBuild(rest);
    case 'blocks':
      return (await import('./set-blocks.ts')).runSetBlocks(rest);
    case 'info':
      return (await import('./set-info.ts')).runSetInfo(rest);
    case 'lookup':
      return (await import('./set-lookup.ts')).runSetLookup(rest);
    default:
      throw wrongUse(action === '' ? 'Say what to do with a set.' : `A set cannot be asked to "${action}".`, 'kerbside set build|blocks|info|lookup …  ("kerbside help set" tells more)');
  }
}
