/**
 * What kind of image a file is, by content: an extension proves nothing (a `.dmg` may be a raw
 * image). Signatures at the front, some at the end:
 *
 * | at        | bytes                        | kind                                   |
 * | --------- | ---------------------------- | -------------------------------------- |
 * | 0         | 45 56 46 09 0D 0A FF 00      | E01                                    |
 * | 0         | 45 56 46 32 0D 0A 81 00      | Ex01; 4C 45 46 32 … Lx01               |
 * | 0         | 4C 56 46 09 0D 0A FF 00      | L01                                    |
 * | 0         | `ADSEGMENTEDFILE`, `ADCRYPT` | AD1, encrypted AD1                      |
 * | 0         | `AFF10`                      | AFF                                    |
 * | 0         | `PK` and the name `.aff4`    | AFF4                                   |
 * | 0         | `QFI\xfb`                    | QCOW, QCOW2                            |
 * | 0         | `KDMV`, `COWD`, `# Disk DescriptorFile` | VMDK                        |
 * | 0         | `vhdxfile`                   | VHDX                                   |
 * | 64        | 7F 10 DA BE                  | VDI                                    |
 * | 0 or end − 512 | `conectix`              | VHD                                    |
 * | end − 512 | `koly`                       | DMG (UDIF)                             |
 * | 0         | `encrcdsa`, end − 8 `cdsaencr` | encrypted DMG                        |
 */
export type ImageKind =
  | { readonly form: 'raw' }
  | { readonly form: 'e01' }
  | { readonly form: 'virtual-disk'; readonly format: VirtualDiskFormat }
  | { readonly form: 'unsupported'; readonly name: string; readonly advice: string };

/** Formats as qemu names them. */
export type VirtualDiskFormat = 'qcow2' | 'qcow' | 'vmdk' | 'vhdx' | 'vdi' | 'vpc' | 'dmg';

const EXPORT_FILES = 'export its files into a folder and give the folder, or export a raw image';
const EXPORT_RAW = 'convert it to a raw image or E01 with the program that made it';

/**
 * @param head first bytes of the file, up to 512
 * @param tail last bytes, up to 512
 * @param name the file's name, for the forms that only their name tells apart
 */
export function identifyFile(head: Buffer, tail: Buffer, name: string): ImageKind {
  const starts = (text: string): boolean => head.toString('latin1', 0, text.length) === text;
  if (starts('EVF\t\r\n\xff\0')) return { form: 'e01' };
  if (starts('EVF2\r\n\x81\0')) return { form: 'unsupported', name: 'Ex01 (EWF version 2)', advice: EXPORT_RAW };
  if (starts('LVF\t\r\n\xff\0')) return { form: 'unsupported', name: 'L01 (logical evidence file)', advice: EXPORT_FILES };
  if (starts('LEF2\r\n\x81\0')) return { form: 'unsupported', name: 'Lx01 (logical evidence file)', advice: EXPORT_FILES };
  if (starts('ADSEGMENTEDFILE')) return { form: 'unsupported', name: 'AD1 (logical image)', advice: EXPORT_FILES };
  if (starts('ADCRYPT')) return { form: 'unsupported', name: 'AD-encrypted image', advice: 'unlock it with the program that made it' };
  if (starts('AFF10')) return { form: 'unsupported', name: 'AFF', advice: EXPORT_RAW };
  if (starts('PK\x03\x04') && /\.aff4$/i.test(name)) return { form: 'unsupported', name: 'AFF4', advice: EXPORT_RAW };
  if (starts('encrcdsa') || tail.toString('latin1', tail.length - 8) === 'cdsaencr') {
    return { form: 'unsupported', name: 'encrypted DMG', advice: 'unlock it with its password and give the unlocked image' };
  }
  const virtual = virtualDiskFormat(head, tail);
  return virtual === null ? { form: 'raw' } : { form: 'virtual-disk', format: virtual };
}

function virtualDiskFormat(head: Buffer, tail: Buffer): VirtualDiskFormat | null {
  const starts = (text: string): boolean => head.toString('latin1', 0, text.length) === text;
  if (starts('QFI\xfb')) return head.length >= 8 && head.readUInt32BE(4) === 1 ? 'qcow' : 'qcow2';
  if (starts('KDMV') || starts('COWD') || starts('# Disk DescriptorFile')) return 'vmdk';
  if (starts('vhdxfile')) return 'vhdx';
  if (head.length >= 68 && head.readUInt32LE(64) === 0xbeda_107f) return 'vdi';
  if (starts('conectix') || tail.toString('latin1', 0, 8) === 'conectix') return 'vpc';
  if (tail.length === 512 && tail.toString('latin1', 0, 4) === 'koly') return 'dmg';
  return null;
}
