import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_BLOCK_SET } from '../../packages/cli/src/control-run.ts';
import { prepareControls } from '../../packages/cli/src/controls/prepare-controls.ts';

/** Makes the control files in the folder given, once: see shared-controls.ts. */
const folder = process.argv[2]!;
await prepareControls(folder, [CONTROL_BLOCK_SET]);
writeFileSync(join(folder, 'made'), '');
