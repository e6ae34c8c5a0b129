import { EXIT } from '../exit-codes.ts';
import { printLine } from '../output.ts';

const OVERVIEW = `Kerbside: is there known material on this device, where, and how much of it does the answer cover?

  kerbside triage SOURCE --set FILE… --out FOLDER [--profile screen|known|everything] [--json]
      Runs one device or image against one or more sets and block sets, and signs a certificate of it.
      Ctrl-C stops it with a truthful partial answer; the same command again takes it up where it was.
  kerbside list SOURCE [--hash md5,sha1,sha256] [--json]
      Lists every item with what is known of it, deleted ones included.
  kerbside set build OUT --from FILE… --meaning alert|ignorable|reference [--name N] [--category-map FILE]
  kerbside set build OUT --from-folder FOLDER… --meaning alert
      The pictures and videos of a folder: digests, and perceptual hashes that find them altered.
  kerbside set blocks OUT --from FOLDER|LIST… [--key KEYFILE] [--name N] [--category A|B|C]
      Known files as keyed codes of their blocks: finds them deleted, in part, or in no file system.
  kerbside set info FILE [--json]
  kerbside set lookup FILE DIGEST… | --pdq HASH… [--json]
  kerbside rematch MANIFEST|FOLDER… --set NEW… [--key FILE…] [--json]
      Which past devices held files of a new set, by the manifests that their runs kept.
  kerbside rematch --expire FOLDER
      Destroys manifests whose time is over, and records it.
  kerbside pdq FILE… [--dialect 512nn|full] [--fast] [--all-orientations] [--json]
      The perceptual hash PDQ of pictures, decoded in the sandbox.
  kerbside still RUN-FOLDER ITEM… --officer NAME [--mode drawing|grey|blur|colour-small] [--to FILE]
      Small stills of pictures and videos for review, made in the sandbox and kept sealed; every one is recorded.
  kerbside verify CERTIFICATE [SOURCE] [--set FILE…] [--key FILE…] [--public KEYFILE…] [--json]
      Checks the certificate of a run; with the source, reads it again and names what differs.
  kerbside keys [--owner TEXT] [--json]       this machine's keys, made on first need
  kerbside keys make FILE --owner TEXT        new keys in a file of their own
  kerbside keys export [FILE] --public OUT | --set-key OUT
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
  triage: `kerbside triage SOURCE --set FILE… --out FOLDER [--profile screen|known|everything]
                [--until 20MiB@99%] [--minutes N] [--key FILE…] [--keep-manifest DAYS|DATE]
                [--password-file FILE] [--search FILE] [--model FOLDER] [--faces]
                [--seed HEX] [--write-blocker TEXT] [--json]

  --set FILE…            sets made by "kerbside set build", block sets made by "kerbside set blocks"
  --out FOLDER           report, certificate, reads.bin and journal go here; must be empty or hold this same run
  --profile NAME         how far the run goes:
      screen               names and places of files, then the survey until its target; of the files
                           only those are read that hold known blocks. For minutes at the door
      known                every file that a set may hold, then the survey of the whole source, then what is inside
                           archives and mail; pictures and video where a set has perceptual hashes. Without --profile
      everything           that, whole files carved from free space, and every item looked into by its content
  --until 20MiB@99%      the survey ends when any unbroken 20 MiB of known material would have been met, and
                         20 MiB scattered with 99 %. A screen has this target unless another is given;
                         without it the survey of the other profiles reads to the end
  --minutes N            stops after N minutes, as Ctrl-C does: the answer says what was reached
  --key FILE…            key files that open block sets of others; this machine's own is used without asking
  --keep-manifest …      leaves a manifest without content for "kerbside rematch", for so many days or until a date
  --password-file FILE   passwords of phone backups, one a line
  --search FILE          what the search knows (cameras, premises), for the order of review: docs/guide/review.md
  --model FOLDER         a force's own model, which adds a column to that order: docs/reference/model-contract.md
  --faces                counts faces in pictures, for that order (Debian's opencv-data)
  --seed HEX             64 hex digits: reads the same places as a run before. Drawn at random without it
  --write-blocker TEXT   a hardware write blocker stands before the device: its make and number, for the report
  --json                 progress as JSON lines on standard output, the last one the summary

Before the source is opened the control volume is read; one marker missed, and no device is read.

Exit codes: 0 nothing known found and complete, 10 known material found, 20 needs examination,
30 not finished, 2 refused or wrong use, 1 a fault of ours.`,
  still: `kerbside still RUN-FOLDER ITEM… --officer NAME [--mode drawing|grey|blur|colour-small] [--to FILE]
               [--size PX] [--id ID] [--show-known] [--password-file FILE] [--write-blocker TEXT] [--json]

  RUN-FOLDER             the folder that "kerbside triage --out" filled; its source must be in reach
  ITEM                   path as report.json and "kerbside list" write it: a picture or video, carved ones too, or one inside an
                         archive, mail, thumbnail store or phone backup. Of several, what is wrong with one keeps
                         nobody from the next
  --officer NAME         who looks: stands in showings.jsonl beside the report with item, mode and time
  --mode NAME            drawing (lines; without --mode), grey, blur, or colour-small
  --to FILE              writes the still there, for its owner alone; without it the still is made and kept, and nobody sees it
  --size PX              longer side, 16 to 320; 160 without it. Of a video: that of each frame
  --id ID                which of several items with one path, as "kerbside list" tells them
  --show-known           known material is refused without it, and recorded either way
  --password-file FILE   passwords of phone backups, one a line, as for "kerbside triage"

Of a video the still is a strip: nine frames side by side, those of near-matches among them, without sound
(needs ffmpeg). Stills are kept in stills.kst in the run folder, sealed with a key in ~/.kerbside/still-keys.`,
  list: `kerbside list SOURCE [--hash md5,sha1,sha256] [--json] [--write-blocker TEXT]

With --json one object a line: path, size, kind, allocated, fileSystem, volume, id, times and the
digests asked for; problems are lines with "problem"; the last line is {"summary": …}.`,
  set: `kerbside set build OUT --from FILE… --meaning alert|ignorable|reference [--name NAME]
                   [--category-map FILE] [--format NAME] [--column FIELD=HEADER]… [--mixed-digests] [--accept-cut-off]
                   [--pdq-dialect 512nn|full|unknown] [--pdq-reverse-words] [--pdq-prune BITS] [--json]
kerbside set build OUT --from-folder FOLDER… --meaning alert [--name NAME] [--folder-code CODE] [--pdq-prune BITS] [--json]
kerbside set blocks OUT --from FOLDER|LIST… [--key KEYFILE] [--name NAME] [--category A|B|C] [--edition N]
                    [--expires YYYY-MM-DD] [--allow FOLDER…] [--dense] [--format NAME] [--json]
kerbside set info FILE [--key KEYFILE…] [--json]
kerbside set lookup FILE DIGEST… | --pdq HASH… [--radius BITS] [--json]

Formats are recognised by content: Project VIC (1.2, 1.3, 2.0), ICSE CSV, CSV with named columns,
hashdeep, md5sum/sha1sum/sha256sum, one digest a line, PDQ lists, NSRL RDS v3. What a hit means is never guessed:
without --meaning the command asks, and refuses where nobody can answer.

  --category-map FILE    what the list's own category codes stand for, confirmed by a second person
  --column FIELD=HEADER  which column of a CSV holds md5, sha1, sha256, ed2k, size, category, pdq, quality,
                         dialect, media-id or series
  --mixed-digests        allows a plain list with digests of several kinds
  --accept-cut-off       takes what stands in a list that ends in its middle
  --from-folder FOLDER…  pictures and videos themselves, decoded in the sandbox: digests, and perceptual hashes
                         that find them altered
  --folder-code CODE     the category code of everything in the folders, for the map
  --pdq-dialect NAME     how a list's perceptual hashes were made, where it does not say: docs/guide/sets.md
  --pdq-reverse-words    the list prints the sixteen words of a hash in reverse order
  --pdq-prune BITS       0 to 10: leaves out frames of a video so near to the one kept before; 10 for folders

"set lookup" asks for digests, or with --pdq for what lies within --radius bits (0 to 31) of a hash.

"set blocks" makes a signed set of keyed codes of the blocks of known files, from which nobody can read
the files' digests back. Folders are taken with all folders in them; lists give codes of whole files alone.

  --key KEYFILE          the owner's keys; without it this unit's own, made on first need in ~/.kerbside
  --category A|B|C       category of everything in the set, as its owner states it
  --edition N            the owner's number for this edition; 1 without it
  --expires YYYY-MM-DD   the last day on which the set may be used; one year from now without it
  --allow FOLDER…        benign files: blocks that they hold are left out
  --dense                indexes every block of files over 32 MiB too, not one in eight`,
  rematch: `kerbside rematch MANIFEST|FOLDER… --set NEW… [--key FILE…] [--home FOLDER] [--json]
kerbside rematch --expire FOLDER [--home FOLDER] [--json]

  MANIFEST|FOLDER…   manifests kept by "kerbside triage --keep-manifest", or folders that hold them (*.kman)
  --set NEW…         compiled sets or block sets to ask the past devices for
  --key FILE…        key files of the units that made the manifests; this machine's own is used without asking
  --expire FOLDER    only destroys what has expired; asks nothing
  --home FOLDER      where this machine's keys and the record of destructions are, else $KERBSIDE_HOME or ~/.kerbside

A manifest past its date is destroyed and never asked; destroyed-manifests.jsonl says when and by whom.
Exit codes: 10 files known, 0 none, 20 only candidates or something could not be asked, 2 refused.`,
  pdq: `kerbside pdq FILE… [--dialect 512nn|full] [--fast] [--all-orientations] [--json]

One line a file: hash, quality from 0 to 100, name. Pixels count as they are stored: no EXIF orientation,
no colour profile, no alpha. Hashes of a quality below 50 are not comparable.

  --dialect NAME       512nn as the C++ tool computes it (without --dialect), full as the Python and Java
                       libraries and vPDQ do; the two differ by up to 18 bits
  --fast               JPEG from its brightness plane at reduced size: about 2 bits off, several times as fast
  --all-orientations   eight lines a file, with how the picture was turned or mirrored as a fourth field
  --json               one object a line: file, width, height, mode, damaged, lowTrust, and both dialects
                       unless one is named; or file and problem

Exit codes: 0 every file hashed, 20 some could not be (said on standard error), 2 refused, 1 a fault of ours.`,
  demo: `kerbside demo [--folder FOLDER] [--scale 1]

Makes a benign device with a made-up list, runs triage on it, and checks the answer against what was made.
  --folder FOLDER   where everything goes; a new temporary folder without it
  --scale NUMBER    size of the device, 0.1 to 20; 1 is 679 MB

Exit codes: 0 the answer is right, 1 it is not.`,
  doctor: `kerbside doctor [--json]

What this machine can and cannot do, with what to install or change, and the block devices it sees.`,
  verify: `kerbside verify CERTIFICATE [SOURCE] [--set FILE…] [--key FILE…] [--public KEYFILE…] [--write-blocker TEXT] [--json]

CERTIFICATE is certificate.json or the folder of the run; reads.bin and report.json beside it are
checked against it. Without SOURCE: who signed it, whether a byte was changed since, and whether its
figures add up. With SOURCE: the same reads are made again and compared.

  --set FILE…       the sets of the run, for the same verdict
  --key FILE…       key files that open its block sets
  --public KEYFILE… keys of those whose certificates are accepted; any other signer is told

Exit codes: 0 all agrees, 20 something differs, 2 refused, 1 a fault of ours.`,
  keys: `kerbside keys [--owner TEXT] [--json]
kerbside keys make FILE --owner TEXT
kerbside keys export [FILE] --public OUT | --set-key OUT

The keys of a unit sign its certificates and block sets, and make the codes in its block sets. Those
of this machine are unit.key in $KERBSIDE_HOME (~/.kerbside without it). Whatever holds a secret is
readable by its owner alone, and no key file is ever overwritten.

  --owner TEXT    who the keys are for, such as the force and the unit; stands in certificates
  --public OUT    what anybody may have: checks signatures, does nothing else
  --set-key OUT   for partners who use this unit's block sets: opens them, signs nothing. SECRET`,
  'verify-image': `kerbside verify-image IMAGE [--json]

E01: every section and chunk checksum, then the stored MD5 and SHA-1 against the bytes. Raw: the digests.
Exit codes: 0 all agree, 20 something does not, 2 refused, 1 a fault of ours.`,
};

/** `kerbside help [COMMAND]` */
export function runHelpCommand(argv: readonly string[]): Promise<number> {
  printLine(DETAILS[argv[0] ?? ''] ?? OVERVIEW);
  return Promise.resolve(EXIT.done);
}
