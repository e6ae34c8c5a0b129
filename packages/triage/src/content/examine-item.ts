import { LimitError, problemFrom, type Problem, type RandomAccessSource } from '@kerbside/bytes';
import { hasZipEnd, type ContainerBudget } from '@kerbside/evidence';
import type { NamedKind } from './content-by-name.ts';
import { noCounts } from './content-counts.ts';
import type { UnitResult } from './content-job.ts';
import type { Content, ContentTools } from './content-tools.ts';
import { examineContainer } from './examine-container.ts';
import { examinePicture, examineVideo } from './examine-media.ts';
import { headOf, Stopped, type Examination } from './examination.ts';

/** Problems kept of one item; the rest are counted in the last one's words. */
const MAX_PROBLEMS = 256;

/** Gives a file of a folder by its path in it, null where there is none. */
export type FolderOfFiles = (names: readonly string[]) => RandomAccessSource | null;

/** What an item is by its name, and the folder of what lies in several files; null for one that is read alone. */
export interface ItemByName {
  readonly kind: NamedKind;
  readonly folder: FolderOfFiles | null;
}

export interface ExamineOptions {
  readonly tools: ContentTools;
  readonly decodesMedia: boolean;
  readonly decodesVideo: boolean;
  maskOf(sizeBytes: number): number;
  isStopped(): boolean;
}

/**
 * Looks at one item: decodes it where it is a picture or video, opens it where it is a container, and looks at
 * what is inside in the same way. Nothing of the evidence ends it.
 * @param open opens the item's content
 * @param byName what the item is by its name; null where that says nothing
 * @throws Stopped
 */
export async function examineItem(entry: number, open: () => RandomAccessSource, options: ExamineOptions, byName: ItemByName | null = null): Promise<UnitResult> {
  const problems: Problem[] = [];
  let dropped = 0;
  const examination: Examination = {
    examine: (...what) => examineContent(examination, ...what),
    examineMembers: (...what) => examineContainer(examination, ...what),
    tools: options.tools,
    decodesMedia: options.decodesMedia,
    decodesVideo: options.decodesVideo,
    maskOf: (sizeBytes) => options.maskOf(sizeBytes),
    checkStop() {
      if (options.isStopped()) throw new Stopped();
    },
    counts: noCounts(),
    members: [],
    media: [],
    near: [],
    addProblem(problem, member) {
      if (problems.length < MAX_PROBLEMS) problems.push(member === '' ? problem : { ...problem, where: { ...problem.where, path: member } });
      else dropped += 1;
    },
  };
  let kind: string | null = null;
  let source: RandomAccessSource | null = null;
  try {
    examination.checkStop();
    source = open();
    const head = headOf(source);
    kind = kindOf(options.tools.sniff(head), byName, source);
    const folder = byName?.folder ?? null;
    if (folder !== null && kind !== null) {
      const opened = kind;
      await examination.examineMembers(opened, () => options.tools.openFolder(opened, folder), null, '', null);
    } else if (kind !== null) await examination.examine(kind, { source, bytes: null }, '', null);
  } catch (error) {
    if (error instanceof Stopped) throw error;
    examination.addProblem(problemFrom(error), '');
  } finally {
    source?.close();
  }
  if (dropped > 0) problems.push(problemFrom(new LimitError('content-problems-limit', `${dropped} more problems were met inside this item and are not listed`)));
  const { counts, members, media, near } = examination;
  return { entry, kind, counts, members, media, near, problems };
}

/** What the bytes say counts, but for stores that hold anything at their beginning, and for what lies in several files. */
function kindOf(sniffed: string | null, byName: ItemByName | null, source: RandomAccessSource): string | null {
  if (byName === null) return sniffed;
  if (byName.folder !== null) return byName.kind;
  // A name is no proof: what begins as something else than a slot or a picture is that.
  if (byName.kind === 'thumbnails/thumbdata') return sniffed === null || sniffed === 'picture/jpeg' ? byName.kind : sniffed;
  if (byName.kind === 'archive/zip') return sniffed ?? (hasZipEnd(source) ? byName.kind : null);
  return sniffed ?? byName.kind;
}

async function examineContent(examination: Examination, kind: string, content: Content, member: string, around: ContainerBudget | null): Promise<void> {
  examination.checkStop();
  if (kind.startsWith('picture/')) await examinePicture(examination, content, member);
  else if (kind.startsWith('video/')) await examineVideo(examination, content, member);
  else await examineContainer(examination, kind, (budget) => examination.tools.openContainer(kind, content, budget), content, member, around);
}
