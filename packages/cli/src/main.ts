import { KerbsideError } from '@kerbside/bytes';
import { EXIT } from './exit-codes.ts';
import { flushOutput, printNotice } from './output.ts';

/** A command: its arguments in, its exit code out. Modules load only when their command is asked for. */
type Command = (argv: readonly string[]) => Promise<number>;

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  triage: async () => (await import('./commands/triage.ts')).runTriageCommand,
  list: async () => (await import('./commands/list.ts')).runListCommand,
  set: async () => (await import('./commands/set.ts')).runSetCommand,
  'verify-image': async () => (await import('./commands/verify-image.ts')).runVerifyImageCommand,
  doctor: async () => (await import('./commands/doctor.ts')).runDoctorCommand,
  demo: async () => (await import('./commands/demo.ts')).runDemoCommand,
  help: async () => (await import('./commands/help.ts')).runHelpCommand,
};

/**
 * Runs one command line.
 * @param argv words after `kerbside`
 * @returns the exit code
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = argv;
  const isHelp = name === '--help' || name === '-h';
  const load = COMMANDS[isHelp || rest.includes('--help') ? 'help' : name === '--version' ? 'doctor' : name];
  try {
    if (load === undefined || !Object.hasOwn(COMMANDS, name) && !isHelp && name !== '--version') {
      printNotice(`kerbside: there is no command "${name}". "kerbside help" lists them.`);
      return EXIT.refused;
    }
    const command = await load();
    return await command(rest.includes('--help') && !isHelp ? [name] : rest);
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

process.exitCode = await runCommandLine(process.argv.slice(2));
