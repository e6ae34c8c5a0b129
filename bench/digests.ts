/**
 * Three digests of everything: `kerbside list --hash md5,sha1,sha256 --json` against
 * `tsk_recover -e` followed by `hashdeep -c md5,sha1,sha256 -r` on what it wrote out. Same NTFS image,
 * page cache warm; the peer's files are deleted between runs, outside the measured time.
 *
 *     ./kerbside bench digests
 */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { measureKerbside, warm } from './commands.ts';
import { costText, pairsOf, ratioText, type Bench, type BenchOptions, type Figure } from './figure.ts';
import { scratchFolder } from './image-cache.ts';
import { measureCommand, measurePairs } from './measure.ts';
import { contentVolume } from './volume-images.ts';

const MUST_REACH = 3.5;

async function run(options: BenchOptions): Promise<Figure[]> {
  const image = await contentVolume(options.quick);
  const folder = scratchFolder(statSync(image).size);
  try {
    const recovered = join(folder, 'recovered');
    warm(image);
    const result = measurePairs(
      () => measureKerbside(['list', image, '--hash', 'md5,sha1,sha256', '--json']),
      () => measureCommand(['sh', '-c', 'tsk_recover -e "$1" "$2" && hashdeep -c md5,sha1,sha256 -r "$2"', 'sh', image, recovered]),
      pairsOf(options, 3),
      () => rmSync(recovered, { recursive: true, force: true }),
    );
    return [
      {
        figure: 'MD5, SHA-1 and SHA-256 of everything, the same image, against `tsk_recover -e` + `hashdeep`',
        ours: costText(result.ours),
        peer: costText(result.peer),
        ratio: ratioText(result),
        mustReach: `≥ ${MUST_REACH} × wall`,
        reached: result.wallRatio >= MUST_REACH,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const digestsBench: Bench = { name: 'digests', about: 'three digests of everything, against tsk_recover and hashdeep', run };
