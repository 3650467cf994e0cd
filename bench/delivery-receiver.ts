import { readFileSync } from 'node:fs';
import { systemClock } from '../src/platform/clock.ts';
import { silentLog } from '../src/platform/log.ts';
import { createTestLis } from '../src/testlis/receiver.ts';

// The receiver of bench/delivery.ts, in a process of its own as a LIS is: [journal] [certificate] [key], `-` for none.
const [journal = '-', cert = '-', key = '-'] = process.argv.slice(2);
const receiver = createTestLis({
  clock: systemClock,
  log: silentLog,
  ...(journal === '-' ? {} : { journal }),
  ...(cert === '-' ? {} : { tls: { cert: readFileSync(cert), key: readFileSync(key) } }),
});
const { port } = await receiver.listen();
process.stdout.write(`${port}\n`);
process.once('SIGTERM', () => void receiver.close());
