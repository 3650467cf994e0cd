import { openStore } from '../../src/store/store.ts';
import { NOW, recordTrace } from './support.ts';

// Records traces until it is killed, and tells the control ID of each as soon as it is committed.
const [file = '', round = ''] = process.argv.slice(2);
const store = openStore(file, { access: 'service', now: NOW });
for (let i = 0; ; i += 1) {
  const { controlId } = store.transaction(() => recordTrace(store, `S25-${round}-${i}`));
  process.stdout.write(`${controlId}\n`);
}
