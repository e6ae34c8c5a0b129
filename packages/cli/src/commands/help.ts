import { EXIT } from '../exit-codes.ts';
import { printLine } from '../output.ts';

const OVERVIEW = `Kerbside: is there known material on this device, where, and how much of it does the answer cover?

  kerbside triage SOURCE --set FILE… --out FOLDER [--json]
      Runs one device or image against one or more sets. Ctrl-C stops it with a truthful partial
      answer; the same command again takes it up where it was.
  kerbside list SOURCE [--hash md5,sha1,sha256] [--json]
      Lists every item with what is known of it, deleted ones included.
  kerbside set build OUT --from FILE… --meaning alert|ignorable|reference [--name N] [--category-map FILE]
  kerbside set info FILE [--json]
  kerbside set lookup FILE DIGEST… [--json]
  kerbside verify-image IMAGE [--json]
      Checks every checksum of an E01 and its stored MD5 and SHA-1; computes them for a raw image.
  kerbside doctor [--json]     what this machine can and cannot do
  kerbside demo                makes a benign device, runs triage on it, shows the report
  kerbside test [--long]       sets up and runs the tests
  kerbside bench [NAME…]       measures the figures of the README
  kerbside help [COMMAND]

A SOURCE is a block device set read-only, a raw or split image, an E01, a virtual disk, or a folder.
Exit codes: 0 done (triage: nothing known found, complete), 10 known material found,
20 needs examination, 30 not finished, 2 refused or wrong use, 1 a fault of ours.
For officers: docs/guide/officer.md.`;

const DETAILS: Readonly<Record<string, string>> = {
  triage: `kerbside triage SOURCE --set FILE… --out FOLDER [--json] [--write-blocker TEXT]

  --set FILE…            compiled sets made by "kerbside set build"
  --out FOLDER           report.json, report.html and the journal go here; must be empty or hold this same run
  --json                 progress as JSON lines on standard output, the last one the summary
  --write-blocker TEXT   a hardware write blocker stands before the device: its make and number, for the report

Exit codes: 0 nothing known found and complete, 10 known material found, 20 needs examination,
30 not finished, 2 refused or wrong use, 1 a fault of ours.`,
  list: `kerbside list SOURCE [--hash md5,sha1,sha256] [--json] [--write-blocker TEXT]

With --json one object a line: path, size, kind, allocated, fileSystem, volume, id, times and the
digests asked for; problems are lines with "problem"; the last line is {"summary": …}.`,
  set: `kerbside set build OUT --from FILE… --meaning alert|ignorable|reference [--name NAME]
                   [--category-map FILE] [--format NAME] [--column FIELD=HEADER]… [--mixed-digests] [--accept-cut-off] [--json]
kerbside set info FILE [--json]
kerbside set lookup FILE DIGEST… [--json]

Formats are recognised by content: Project VIC (1.2, 1.3, 2.0), ICSE CSV, CSV with named columns,
hashdeep, md5sum/sha1sum/sha256sum, one digest a line, NSRL RDS v3. What a hit means is never guessed:
without --meaning the command asks, and refuses where nobody can answer.

  --category-map FILE    what the list's own category codes stand for, confirmed by a second person
  --column FIELD=HEADER  which column of a CSV holds md5, sha1, sha256, ed2k, size or category
  --mixed-digests        allows a plain list with digests of several kinds
  --accept-cut-off       takes what stands in a list that ends in its middle`,
  demo: `kerbside demo [--folder FOLDER] [--scale 1]

Makes a benign device with a made-up list, runs triage on it, and checks the answer against what was made.
  --folder FOLDER   where everything goes; a new temporary folder without it
  --scale NUMBER    size of the device, 0.1 to 20; 1 is 679 MB

Exit codes: 0 the answer is right, 1 it is not.`,
  doctor: `kerbside doctor [--json]

What this machine can and cannot do, with what to install or change, and the block devices it sees.`,
  'verify-image': `kerbside verify-image IMAGE [--json]

E01: every section and chunk checksum, then the stored MD5 and SHA-1 against the bytes. Raw: the digests.
Exit codes: 0 all agree, 20 something does not, 2 refused, 1 a fault of ours.`,
};

/** `kerbside help [COMMAND]` */
export function runHelpCommand(argv: readonly string[]): Promise<number> {
  printLine(DETAILS[argv[0] ?? ''] ?? OVERVIEW);
  return Promise.resolve(EXIT.done);
}
