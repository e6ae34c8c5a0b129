import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { readKeyFile, readUnitKeys, type UnitKeys } from '@kerbside/ledger';
import { loadRetroHunt, type AskableSet, type Destroyer, type RematchOutcome } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { printJson, printLine, printNotice, printText } from '../output.ts';
import { rematchLines } from '../view/rematch-lines.ts';

type RetroHunt = Awaited<ReturnType<typeof loadRetroHunt>>;

const USAGE = 'kerbside rematch MANIFEST|FOLDER… --set NEW… [--key FILE…] [--home FOLDER] [--json]   or   kerbside rematch --expire FOLDER [--home FOLDER] [--json]';

const OUTCOME_CODES: Readonly<Record<RematchOutcome, number>> = { hits: EXIT.knownMaterial, none: EXIT.done, open: EXIT.needsExamination, refused: EXIT.refused };

/** `kerbside rematch`: asks past devices, by their manifests, for new sets; destroys manifests that have expired. */
export async function runRematchCommand(argv: readonly string[]): Promise<number> {
  const parsed = parseArguments(
    spreadLists(argv, ['--set', '--key']),
    { set: { type: 'string', multiple: true }, key: { type: 'string', multiple: true }, home: { type: 'string' }, expire: { type: 'string' }, json: { type: 'boolean' } },
    USAGE,
    [0, Number.MAX_SAFE_INTEGER],
  );
  const now = new Date();
  const home = textOption(parsed, 'home') ?? kerbsideHome();
  const json = parsed.values['json'] === true;
  const folder = textOption(parsed, 'expire');
  const setPaths = textOptions(parsed, 'set');
  if (folder !== undefined && (setPaths.length > 0 || parsed.positionals.length > 0)) throw wrongUse('--expire takes a folder and asks no set.', USAGE);
  if (folder === undefined && setPaths.length === 0) throw wrongUse('Name at least one new set with --set.', USAGE);
  if (folder === undefined && parsed.positionals.length === 0) throw wrongUse('Name at least one manifest, or a folder of manifests.', USAGE);
  const retroHunt = await loadRetroHunt();
  const destroyer = prepareDestroyer(retroHunt, home, now);
  if (folder !== undefined) return runExpire(retroHunt, folder, destroyer, now, json);

  const keys = readKeys(home, textOptions(parsed, 'key'));
  const sets: AskableSet[] = [];
  try {
    for (const path of setPaths) sets.push(retroHunt.openAskableSet(path, keys, now));
    const manifestPaths = parsed.positionals.flatMap((path) => (isFolder(path) ? retroHunt.listManifests(path) : [path]));
    if (manifestPaths.length === 0) throw wrongUse('There is no manifest in the folder given.', USAGE);
    const answers = retroHunt.rematchManifests({ manifestPaths, sets, keys, now, destroyer });
    const outcome = retroHunt.rematchOutcome(answers);
    if (json) printJson({ outcome, exitCode: OUTCOME_CODES[outcome], now: now.toISOString(), sets: sets.map(({ name, digest, kind }) => ({ name, digest, kind })), manifests: answers });
    else for (const line of rematchLines(answers, outcome, sets.length)) printLine(line);
    return OUTCOME_CODES[outcome];
  } finally {
    for (const set of sets) set.close();
  }
}

function runExpire({ expireManifests, listManifests }: RetroHunt, folder: string, destroyer: Destroyer, now: Date, json: boolean): number {
  const answers = expireManifests(listManifests(folder), destroyer, now);
  const refused = answers.filter(({ state }) => state === 'refused').length;
  if (json) printJson({ now: now.toISOString(), log: destroyer.log.path, manifests: answers });
  else {
    for (const answer of answers) {
      if (answer.state === 'refused') printText(`refused    ${answer.path}: ${answer.reason} (${answer.code})`);
      else printText(`${answer.state.padEnd(9)}  ${answer.label ?? answer.path}: ${answer.state === 'destroyed' ? 'had to be kept until' : 'until'} ${answer.expiresAt.slice(0, 10)}`);
    }
    printText(`${answers.filter(({ state }) => state === 'destroyed').length} destroyed, ${answers.filter(({ state }) => state === 'kept').length} kept, ${refused} refused. Record: ${destroyer.log.path}`);
  }
  return refused > 0 ? EXIT.refused : EXIT.done;
}

/** The record of destructions, with what an earlier program could not finish finished. */
function prepareDestroyer({ completeDestructions, openDestructionLog }: RetroHunt, home: string, now: Date): Destroyer {
  const log = openDestructionLog(home);
  const destroyer = { log, by: userInfo().username };
  if (!log.intact) printNotice(`kerbside: the record of destroyed manifests ${log.path} was changed, or two programs wrote to it at once. Keep a copy and find out which.`);
  for (const { label, path } of completeDestructions(destroyer, now)) printNotice(`kerbside: completed the destruction of ${label ?? path} that was interrupted.`);
  return destroyer;
}

/** This machine's own keys, where there are any, and those named. */
function readKeys(home: string, paths: readonly string[]): UnitKeys[] {
  const own = readUnitKeys(home);
  const keys = [...(own === null ? [] : [own]), ...paths.map((path) => readKeyFile(path))];
  if (keys.length === 0) throw wrongUse(`There are no keys in ${home}. Name the key file of the unit that made the manifests with --key.`, USAGE);
  return keys;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
