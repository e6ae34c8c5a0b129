import { TOOL_VERSION } from '@kerbside/triage';
import { EXIT } from '../exit-codes.ts';
import { printLine } from '../output.ts';

/** `kerbside --version` */
export function runVersionCommand(): Promise<number> {
  printLine(`kerbside ${TOOL_VERSION}`);
  return Promise.resolve(EXIT.done);
}
