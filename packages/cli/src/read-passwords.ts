import { readFileSync } from 'node:fs';
import { wrongUse } from './arguments.ts';

/** Passwords that are tried; each costs seconds for one encrypted backup. */
const MOST_PASSWORDS = 100;

/**
 * Passwords of backups, one a line. A file and not an argument, as arguments are seen by every user of the machine.
 * @param usage of the command, for what is wrong
 * @throws RefusedError `wrong-use`
 */
export function readPasswords(path: string, usage: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw wrongUse(`The password file ${path} could not be read.`, usage);
  }
  const passwords = text.split(/\r?\n/).filter((line) => line !== '');
  if (passwords.length === 0 || passwords.length > MOST_PASSWORDS) throw wrongUse(`${path} holds ${passwords.length} passwords; one a line, up to ${MOST_PASSWORDS}.`, usage);
  return passwords;
}
