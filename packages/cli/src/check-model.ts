import { openModel, startDecoders, tryModel } from '@kerbside/decode';
import { makePlainPicture } from './plain-picture.ts';

/**
 * Opens a force's model and runs it once on a plain picture in the sandbox, so that one that cannot be used is refused before the
 * run and not at every picture.
 * @throws RefusedError what `openModel` refuses, `model-refused`; UnsupportedError of the sandbox
 */
export async function checkModel(folder: string): Promise<void> {
  const model = openModel(folder);
  const decoders = await startDecoders({ profile: 'picture', workers: 1 });
  try {
    await tryModel(decoders, model, makePlainPicture(64));
  } finally {
    await decoders.close();
  }
}
