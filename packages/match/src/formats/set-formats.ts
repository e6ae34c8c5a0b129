import { csv } from './csv.ts';
import { digestList } from './digest-list.ts';
import { hashdeep } from './hashdeep.ts';
import { icseFormat } from './icse/icse-format.ts';
import { nsrlFormat } from './nsrl/nsrl-format.ts';
import { pdqList } from './pdq-list.ts';
import type { SetFormat } from './set-format.ts';
import { vpdq } from './vpdq.ts';
import { vicsFormat } from './vics/vics-format.ts';

/** All formats, in the order in which they are tried on a file: the most particular first. */
export const setFormats: readonly SetFormat[] = [nsrlFormat, vicsFormat, hashdeep, icseFormat, vpdq, pdqList, digestList, csv];
