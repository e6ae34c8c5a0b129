/** The measured side of set-build.ts: builds one set and ends. `node set-build-one.ts LIST OUT` */
import { buildSet } from '@kerbside/match';

const [list = '', out = ''] = process.argv.slice(2);
const { totals } = await buildSet({ out, inputs: [list], meaning: 'alert' });
console.log(`${totals.accepted} rows`);
