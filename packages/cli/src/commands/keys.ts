import { join } from 'node:path';
import { RefusedError } from '@kerbside/bytes';
import { codeKeyId, ensureUnitKeys, exportPublicPart, exportSetKey, makeUnitKeys, rawPublicKey, readKeyFile, readUnitKeys, signerId, UNIT_KEY_NAME, writeKeyFile, type DatedUnitKeys } from '@kerbside/ledger';
import { formatUtc } from '@kerbside/triage';
import { parseArguments, textOption, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { printJson, printText } from '../output.ts';

const SHOW_USAGE = 'kerbside keys [--owner TEXT] [--json]';
const MAKE_USAGE = 'kerbside keys make FILE --owner TEXT [--json]';
const EXPORT_USAGE = 'kerbside keys export [FILE] --public OUT | --set-key OUT';

/** `kerbside keys [make|export]` */
export function runKeysCommand(argv: readonly string[]): Promise<number> {
  const [action = '', ...rest] = argv;
  switch (action) {
    case 'make':
      return Promise.resolve(makeKeys(rest));
    case 'export':
      return Promise.resolve(exportKeys(rest));
    default:
      return Promise.resolve(showUnitKeys(argv));
  }
}

/** This machine's keys, made here when they are missing and an owner is named. */
function showUnitKeys(argv: readonly string[]): number {
  const parsed = parseArguments(argv, { owner: { type: 'string' }, json: { type: 'boolean' } }, SHOW_USAGE, [0, 0]);
  const home = kerbsideHome();
  const owner = textOption(parsed, 'owner');
  const known = readUnitKeys(home);
  if (known === null && owner === undefined) {
    throw new RefusedError('unit-keys-missing', `This machine has no keys yet (${join(home, UNIT_KEY_NAME)}). Make them with the name that shall stand in certificates:\n  kerbside keys --owner "Force, unit"`);
  }
  const keys = known ?? ensureUnitKeys(home, owner);
  if (owner !== undefined && keys.owner !== owner) {
    throw new RefusedError('key-file-exists', `This machine has keys already, made for "${keys.owner}", and keys are never overwritten. Move ${join(home, UNIT_KEY_NAME)} away to have new ones; block sets made with the old ones need it.`);
  }
  printKeys(join(home, UNIT_KEY_NAME), keys, parsed.values['json'] === true);
  return EXIT.done;
}

function makeKeys(argv: readonly string[]): number {
  const parsed = parseArguments(argv, { owner: { type: 'string' }, json: { type: 'boolean' } }, MAKE_USAGE, [1, 1]);
  const owner = textOption(parsed, 'owner');
  if (owner === undefined) throw wrongUse('Say with --owner who the keys are for.', MAKE_USAGE);
  const path = parsed.positionals[0]!;
  const keys = makeUnitKeys(owner);
  writeKeyFile(path, keys);
  printKeys(path, keys, parsed.values['json'] === true);
  return EXIT.done;
}

function exportKeys(argv: readonly string[]): number {
  const parsed = parseArguments(argv, { public: { type: 'string' }, 'set-key': { type: 'string' }, json: { type: 'boolean' } }, EXPORT_USAGE, [0, 1]);
  const publicOut = textOption(parsed, 'public');
  const setKeyOut = textOption(parsed, 'set-key');
  if ((publicOut === undefined) === (setKeyOut === undefined)) throw wrongUse('Say either --public or --set-key, and the file to write.', EXPORT_USAGE);
  const path = parsed.positionals[0] ?? join(kerbsideHome(), UNIT_KEY_NAME);
  const keys = readKeyFile(path);
  const json = parsed.values['json'] === true;
  if (publicOut !== undefined) {
    writeKeyFile(publicOut, exportPublicPart(keys));
    printKeys(publicOut, exportPublicPart(keys), json);
  } else if (setKeyOut !== undefined) {
    if (keys.codeKey === null) throw new RefusedError('key-part-missing', `${path} holds the public part alone; there is no code key to hand on.`);
    writeKeyFile(setKeyOut, exportSetKey(keys));
    printKeys(setKeyOut, exportSetKey(keys), json);
  }
  return EXIT.done;
}

function printKeys(path: string, keys: DatedUnitKeys, json: boolean): void {
  const facts = {
    path,
    owner: keys.owner,
    createdAt: keys.createdAt,
    signerId: signerId(keys.publicKey),
    publicKey: rawPublicKey(keys.publicKey).toString('base64'),
    codeKeyId: keys.codeKey === null ? null : codeKeyId(keys.codeKey),
    signs: keys.privateKey !== null,
  };
  if (json) {
    printJson(facts);
    return;
  }
  printText(`Owner     ${facts.owner}`);
  printText(`Made      ${formatUtc(facts.createdAt)}`);
  printText(`Signer    ${facts.signerId}, public key ${facts.publicKey}${facts.signs ? '' : ' (signs nothing: the private part is not in this file)'}`);
  printText(`Code key  ${facts.codeKeyId === null ? 'none in this file' : `${facts.codeKeyId} (SECRET: whoever has it can ask a block set about any file)`}`);
  printText(`File      ${facts.path}`);
}
