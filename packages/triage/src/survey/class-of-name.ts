import type { ContentClass } from './thermometer-facts.ts';

/**
 * Endings of names, and the classes that content of such a name shows when it is cut anywhere: its own
 * first, then what pieces of it may look like. Disk images and encrypted containers stand nowhere here,
 * so that what is inside them is never accounted for by their name.
 */
const KINDS: readonly (readonly [classes: readonly ContentClass[], endings: string])[] = [
  [['picture'], 'jpg jpeg jpe jfif jif mpo thm insp'],
  [['picture', 'compressed'], 'png apng gif ico'],
  // Arithmetic-coded, or raw sensor data packed without loss, with a JPEG preview.
  [['picture', 'compressed', 'high-entropy'], 'webp heic heif hif avif jp2 jxl dng cr2 cr3 nef nrw arw raf rw2 orf pef srw psd'],
  [['picture', 'other'], 'bmp tif tiff'],
  [['video', 'picture', 'compressed', 'high-entropy'], 'avi mov qt mjpg mjpeg'],
  [['video', 'compressed', 'high-entropy'], 'mp4 m4v 3gp 3g2 mkv webm wmv asf flv f4v mpg mpeg mpe m1v m2v vob ts m2ts mts ogv rm rmvb divx dv mxf insv lrv h264 264 h265 265'],
  [['document'], 'txt md csv tsv log htm html xhtml mht mhtml xml json yaml yml rtf tex vcf ics srt ini cfg conf css js c h cpp cs java py rb sh bat ps1 php sql eml emlx svg'],
  [['document', 'compressed', 'high-entropy', 'picture'], 'pdf docx docm dotx xlsx xlsm xlsb pptx pptm ppsx odt ods odp odg epub pages numbers key mobi azw azw3 vsdx one'],
  [['document', 'picture', 'other'], 'doc dot xls xlt ppt pps msg pub mbox mbx pst ost'],
  [['compressed', 'high-entropy'], 'zip gz tgz bz2 tbz xz txz lzma 7z rar zst lz4 lz z cab arj ace jar war apk aab xapk ipa aar deb rpm msix appx wim esd xpi crx whl pack'],
  // Sound has no class of its own: coded, it looks like an archive.
  [['compressed', 'high-entropy'], 'mp3 m4a m4b aac ogg oga opus wma flac ape amr ac3 dts mka'],
  // Installers and programs that carry packed data.
  [['other', 'compressed', 'high-entropy'], 'exe msi msp msu dll so dylib dmp swf woff woff2'],
  // Packed data of games.
  [['compressed', 'high-entropy'], 'pak vpk ucas utoc bsa ba2 forge rpf wad bundle assets ress unity3d'],
];

const CLASSES_OF_ENDING: ReadonlyMap<string, readonly ContentClass[]> = new Map(KINDS.flatMap(([classes, endings]) => endings.split(' ').map((ending) => [ending, classes] as const)));

/** Memory written to disk: packed by the system, so parts of it look random. */
const MEMORY_FILES: readonly string[] = ['hiberfil.sys', 'pagefile.sys', 'swapfile.sys'];
const MEMORY_CLASSES: readonly ContentClass[] = ['other', 'compressed', 'high-entropy'];
const UNKNOWN: readonly ContentClass[] = ['other'];

/** Class of the content that a name promises; `other` for a name that promises nothing. */
export function classOfName(name: string): ContentClass {
  return classesOfName(name)[0]!;
}

/**
 * Every class that pieces of a file of this name may show, its own first. Used to say what the file
 * systems account for, so it errs on the side of too many.
 *
 * @param name file name, with or without its path
 */
export function classesOfName(name: string): readonly ContentClass[] {
  const lower = name.toLowerCase();
  const dot = lower.lastIndexOf('.');
  if (dot < 0 || dot === lower.length - 1) return UNKNOWN;
  const ending = lower.slice(dot + 1);
  if (ending === 'sys' && MEMORY_FILES.some((file) => lower.endsWith(file))) return MEMORY_CLASSES;
  return CLASSES_OF_ENDING.get(ending) ?? UNKNOWN;
}
