import type { ErrorKind } from '@kerbside/bytes';

/** What to do about a problem, by its kind. */
const ADVICE_BY_KIND: Readonly<Record<ErrorKind, string>> = {
  malformed: 'What stands there is damaged, or was made to mislead. An examiner should look at the device.',
  limit: 'A limit of this program was reached and the rest was left. Examine the device at the unit.',
  unsupported: 'The content is there and this version does not read it. “kerbside doctor” names packages that may help; otherwise examine the device at the unit.',
  medium: 'The medium or the image did not give these bytes. Do not read it again and again: make an image with a recovery tool, or ask for another copy of the image.',
  refused: 'The program refused to do this, for the reason given.',
  internal: 'A fault of this program: report it with the version below. Examine what it concerns with other tools.',
};

/** What to do about single codes, where there is something better to say. */
const ADVICE_BY_CODE: Readonly<Record<string, string>> = {
  'volume-encrypted': 'Locked: seek the key or password. Do not power down a running computer it belongs to.',
  'disk-encrypted': 'Locked: seek the key or password. Do not power down a running computer it belongs to.',
  'source-reads-differ': 'A failing medium or cable, a write blocker that does not block, or something that writes to the source. Neither answer is more right than the other: do not read it further here. Check what it hangs on, make an image at the unit, and examine that.',
  'volume-unrecognised': 'There is data and no file system that is known here. Examine the device at the unit.',
  'sandbox-unsound': 'Nothing was decoded: no picture or video was compared. “kerbside doctor” says what the sandbox lacks; then run again with a new out folder.',
  'backup-encrypted': 'Ask for the password of the phone backup and run again with --password-file and a new out folder.',
  'backup-password-wrong': 'None of the passwords given opens this backup: ask again.',
  'archive-encrypted': 'Seek the password; the archive can be opened at the unit.',
  'picture-undecodable': 'It was looked up as a file all the same; it could not be compared with pictures that look alike. Cut-off pictures are common in caches; others should be looked at.',
  'program-not-installed': 'Install the package named, and run the same command with a new out folder.',
};

/** One or two sentences for a person. */
export function problemAdvice(code: string, kind: ErrorKind): string {
  return ADVICE_BY_CODE[code] ?? ADVICE_BY_KIND[kind];
}
