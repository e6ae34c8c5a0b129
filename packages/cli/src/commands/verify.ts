import { RefusedError } from '@kerbside/bytes';
import { rawPublicKey, readKeyFile, readUnitKeys } from '@kerbside/ledger';
import { digestOfThisBuild, verifyCertificateFiles, type VerifiedFiles } from '@kerbside/triage';
import { parseArguments, spreadLists, textOption, textOptions, wrongUse } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { kerbsideHome } from '../kerbside-home.ts';
import { printJson, printNotice, printText } from '../output.ts';
import { replayBeside } from '../replay.ts';
import { listenForStop } from '../stop-signal.ts';
import { certificateLines, type SignerStanding } from '../view/certificate-lines.ts';

const USAGE = 'kerbside verify CERTIFICATE [SOURCE] [--set FILE…] [--key FILE…] [--public KEYFILE…] [--write-blocker TEXT] [--json]';

/** `kerbside verify`: a certificate by itself, and against its source. */
export async function runVerifyCommand(argv: readonly string[]): Promise<number> {
  const list = { type: 'string', multiple: true } as const;
  const parsed = parseArguments(
    spreadLists(argv, ['--set', '--key', '--public']),
    { set: list, key: list, public: list, 'write-blocker': { type: 'string' }, json: { type: 'boolean' } },
    USAGE,
    [1, 2],
  );
  const [path, sourcePath] = parsed.positionals as [string, string?];
  const setPaths = textOptions(parsed, 'set');
  const keyPaths = textOptions(parsed, 'key');
  if (sourcePath === undefined && setPaths.length + keyPaths.length > 0) throw wrongUse('--set and --key serve to read a source again: name the SOURCE too.', USAGE);
  const trusted = textOptions(parsed, 'public').map((keyPath) => rawPublicKey(readKeyFile(keyPath).publicKey));
  const declaredWriteBlocker = textOption(parsed, 'write-blocker');
  using stop = listenForStop(() => printNotice('kerbside: stopping.'));
  const result = await verifyCertificateFiles(path, {
    trustedPublicKeys: trusted,
    ...(sourcePath === undefined
      ? {}
      : { replay: (certificate) => replayBeside(path)(certificate, sourcePath, { setPaths, keyPaths, signal: stop.signal, ...(declaredWriteBlocker === undefined ? {} : { declaredWriteBlocker }) }) }),
  });
  const standing = standingOf(result, trusted.length > 0);
  if (parsed.values['json'] === true) printJson(jsonOf(result, standing));
  else for (const line of certificateLines(result, standing, await digestOfThisBuild())) printText(line);
  return result.agrees ? EXIT.done : EXIT.needsExamination;
}

/** Whose signature it is, as far as this machine knows. */
function standingOf(result: VerifiedFiles, keysGiven: boolean): SignerStanding {
  if (!result.check.unaltered) return 'altered';
  if (keysGiven) return result.check.signerTrusted === true ? 'trusted' : 'not-trusted';
  const own = ownPublicKey();
  return own !== null && own === result.check.certificate.signature.publicKey ? 'own' : 'unknown';
}

/** Null without keys of this machine, or with such as cannot be read: they only add a word to the answer here. */
function ownPublicKey(): string | null {
  try {
    const keys = readUnitKeys(kerbsideHome());
    return keys === null ? null : rawPublicKey(keys.publicKey).toString('base64');
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}

function jsonOf(result: VerifiedFiles, signer: SignerStanding): object {
  const { check, replay } = result;
  const facts = check.unaltered ? { signature: check.certificate.signature, verdict: check.certificate.result.verdict, readsRoot: check.certificate.readsRoot, source: check.certificate.source } : {};
  return { path: result.path, agrees: result.agrees, unaltered: check.unaltered, signer, ...facts, reads: result.reads, report: result.report, findings: result.findings, replay: replay?.comparison ?? null };
}
