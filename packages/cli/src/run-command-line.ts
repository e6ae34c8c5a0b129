import { KerbsideError, RefusedError } from '@kerbside/bytes';
import { EXIT } from './exit-codes.ts';
import { flushOutput, printNotice } from './output.ts';

/** A command: its arguments in, its exit code out. Modules load only when their command is asked for. */
type Command = (argv: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  triage: async () => (await import('./commands/triage.ts')).runTriageCommand,
  list: async () => (await import('./commands/list.ts')).runListCommand,
  set: async () => (await import('./commands/set.ts')).runSetCommand,
  pdq: async () => (await import('./commands/pdq.ts')).runPdqCommand,
  still: async () => (await import('./commands/still.ts')).runStillCommand,
  rematch: async () => (await import('./commands/rematch.ts')).runRematchCommand,
  verify: async () => (await import('./commands/verify.ts')).runVerifyCommand,
  keys: async () => (await import('./commands/keys.ts')).runKeysCommand,
  'verify-image': async () => (await import('./commands/verify-image.ts')).runVerifyImageCommand,
  doctor: async () => (await import('./commands/doctor.ts')).runDoctorCommand,
  demo: async () => (await import('./commands/demo.ts')).runDemoCommand,
  version: async () => (await import('./commands/version.ts')).runVersionCommand,
  help: async () => (await import('./commands/help.ts')).runHelpCommand,
};

const ALIASES: Readonly<Record<string, string>> = { '--help': 'help', '-h': 'help', '--version': 'version', '-v': 'version' };

/**
 * Runs one command line.
 * @param argv words after `kerbside`
 * @returns the exit code
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const [word = 'help', ...rest] = argv;
  const name = ALIASES[word] ?? word;
  try {
    if (rest.includes('--help') || rest.includes('-h')) return await (await COMMANDS['help']!())([name]);
    if (!Object.hasOwn(COMMANDS, name)) throw new RefusedError('wrong-use', `There is no command "${name}". "kerbside help" lists them.`);
    return await (await COMMANDS[name]!())(rest);
  } catch (error) {
    return reportFailure(error);
  } finally {
    flushOutput();
  }
}

function reportFailure(error: unknown): number {
  if (error instanceof KerbsideError && error.kind !== 'internal') {
    printNotice(`kerbside: ${error.message}\n  (${error.code})`);
    return EXIT.refused;
  }
  printNotice(`kerbside: a fault of this program, please report it with these lines:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.fault;
}
