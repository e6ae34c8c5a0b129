import { generatedBytes, makePseudoVideo, makeRandom, type CorpusFile, type Random } from '@kerbside/corpus';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What a generated tree should be like. */
export interface TreePlan {
  readonly files: number;
  readonly seed: number;
  /** Middle of the sizes, which are log-normal: half are smaller. */
  readonly medianBytes: number;
  /** Spread of the natural logarithm of the sizes. */
  readonly spread: number;
  readonly largestBytes: number;
  readonly deletedShare: number;
  readonly fragmentedShare: number;
}

const FOLDERS = ['DCIM/100CANON', 'Users/alex/Pictures', 'Users/alex/Documents', 'Users/alex/Downloads', 'Program Files/Planner', 'Windows/System32', 'Users/sam/Music', 'ProgramData/Cache'] as const;
const NAMES = ['IMG', 'match report', 'stadium', 'fixture list', 'season ticket', 'team photo', 'training plan', 'invoice'] as const;
const ENDINGS = ['jpg', 'jpg', 'png', 'txt', 'pdf', 'dll', 'mp3', 'dat'] as const;

/** Files as a lived-in volume has them: many small and few large ones, some deleted, some in pieces. */
export function makeTree(plan: TreePlan): CorpusFile[] {
  const random = makeRandom(plan.seed);
  const tree: CorpusFile[] = [];
  for (let number = 0; number < plan.files; number++) {
    const kind = random.below(NAMES.length);
    const sizeBytes = Math.min(plan.largestBytes, Math.max(64, Math.round(plan.medianBytes * Math.exp(plan.spread * normal(random)))));
    const isDeleted = random.chance(plan.deletedShare);
    tree.push({
      path: `${FOLDERS[kind]!}/${String(number % 97).padStart(3, '0')}/${NAMES[kind]!} ${number}.${ENDINGS[kind]!}`,
      content: generatedBytes(plan.seed * 1_000_003 + number, sizeBytes),
      modifiedAtSeconds: 1_600_000_000 + random.below(100_000_000),
      ...(isDeleted ? { deleted: true } : {}),
      ...(!isDeleted && random.chance(plan.fragmentedShare) && sizeBytes > 64 * KIB ? { fragments: 2 + random.below(5) } : {}),
    });
  }
  return tree;
}

/** A phone's or camera's volume: `videos` long clips among pictures. */
export function makeVideoHeavyTree(options: { readonly seed: number; readonly pictures: number; readonly videos: number; readonly videoMiB: number }): CorpusFile[] {
  const random = makeRandom(options.seed);
  const tree: CorpusFile[] = [];
  for (let number = 0; number < options.videos; number++) {
    tree.push({ path: `DCIM/100CANON/MVI_${1000 + number}.MP4`, content: makePseudoVideo(options.seed * 7919 + number, options.videoMiB * MIB + random.below(4 * MIB)) });
  }
  for (let number = 0; number < options.pictures; number++) {
    tree.push({ path: `DCIM/101CANON/IMG_${1000 + number}.JPG`, content: generatedBytes(options.seed * 104_729 + number, Math.round(120 * KIB * Math.exp(0.6 * normal(random)))) });
  }
  return shuffled(tree, random);
}

/** The files in another order, which is another place on the volume. */
export function shuffled<T>(values: readonly T[], random: Random): T[] {
  const order = [...values];
  for (let at = order.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}

/** A normally distributed number (Box and Muller's method). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.fraction())) * Math.cos(2 * Math.PI * random.fraction());
}
