/**
 * The measured side of triage-sha1.ts. `node triage-one.ts IMAGE SET OUT`
 *
 * A run of the default profile without the controls, which every run of the command reads first: they cost
 * the same for a card of 8 GB and for a disk of 8 TB, and would hide what reading and hashing cost.
 */
import { runTriage } from '@kerbside/triage';

const [image = '', set = '', out = ''] = process.argv.slice(2);
const { report } = await runTriage({ sourcePath: image, setPaths: [set], outFolder: out, profile: 'known' });
console.log(JSON.stringify({ itemBytesRead: report.coverage.itemBytesRead }));
