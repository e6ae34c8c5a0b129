import { csv } from './csv.ts';
import { digestList } from './digest-list.ts';
import { hashdeep } from './hashdeep.ts';
import type { SetFormat } from './set-format.ts';

/** All formats, in the order in which they are tried on a file: the most particular first. */
export const setFormats: readonly SetFormat[] = [hashdeep, digestList, csv];
