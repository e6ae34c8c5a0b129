import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { RefusedError } from '@kerbside/bytes';

/** Options and positionals of one command. */
export interface ParsedArguments {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
}

/**
 * Parses a command's arguments; wrong use is refused with the usage line.
 * @param usage one line, shown with every refusal
 * @param positionalCount least and most number of positionals
 */
export function parseArguments(
  argv: readonly string[],
  options: ParseArgsOptionsConfig,
  usage: string,
  positionalCount: readonly [least: number, most: number],
): ParsedArguments {
  let parsed: ParsedArguments;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw wrongUse(`${(cause as Error).message.split('. To specify')[0]!}.`, usage);
  }
  const [least, most] = positionalCount;
  if (parsed.positionals.length < least) throw wrongUse('Something is missing.', usage);
  if (parsed.positionals.length > most) throw wrongUse(`Did not expect "${parsed.positionals[most]!}".`, usage);
  return parsed;
}

/** @returns the error for a command used wrongly */
export function wrongUse(what: string, usage: string): RefusedError {
  return new RefusedError('wrong-use', `${what}\nUsage: ${usage}`);
}

/** The option's text, or undefined. */
export function textOption(parsed: ParsedArguments, name: string): string | undefined {
  const value = parsed.values[name];
  return typeof value === 'string' ? value : undefined;
}

/** All texts of an option that may stand several times, and of any values that follow it up to the next option. */
export function textOptions(parsed: ParsedArguments, name: string): string[] {
  const value = parsed.values[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/**
 * Lets `--set a b c` mean `--set a --set b --set c`, which the options of `triage` and `set build` allow.
 * @param argv arguments as typed
 * @param names options, with dashes, that take every following word up to the next option
 */
export function spreadLists(argv: readonly string[], names: readonly string[]): string[] {
  const spread: string[] = [];
  let current: string | null = null;
  let taken = 0;
  for (const [index, word] of argv.entries()) {
    if (word === '--') return [...spread, ...argv.slice(index)];
    if (word.startsWith('-') && word.length > 1) {
      const isList = names.includes(word);
      current = isList ? word : null;
      taken = 0;
      spread.push(word);
    } else {
      if (current !== null && taken > 0) spread.push(current);
      taken += 1;
      spread.push(word);
    }
  }
  return spread;
}
