import { createReceiver } from './receiver.ts';

// A receiver that behaves, as a process of its own: below `ip netns exec`, or to be stopped by a signal.
const [journal = '', host] = process.argv.slice(2);
const receiver = await createReceiver(journal, host);
process.stdout.write(`${receiver.port}\n`);
