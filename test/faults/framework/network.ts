import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { orSkip, type Bench } from './case.ts';
import { tool } from './tool.ts';

/** A cable to another machine, played by a network namespace with a LIS in it. */
export interface Cable {
  readonly host: string;
  readonly port: number;
  /** Carries nothing, and neither side is told. */
  unplug(): void;
  plugIn(): void;
  /** How much is carried towards the LIS, such as `20kbit` a second. */
  limit(rate: string): void;
  /** How many packets had to wait for the limit so far. */
  waited(): number;
  /** Whether this machine holds a connection to the LIS open, whatever has become of the cable. */
  isConnected(): boolean;
  /** The LIS takes connections and does nothing more (SIGSTOP), until it goes on. */
  freeze(): void;
  goOn(): void;
}

const RECEIVER = fileURLToPath(new URL('./receiver-process.ts', import.meta.url));
/** In /proc/net/tcp. */
const ESTABLISHED = '01';
/** More of them are never laid at once. */
const MOST = 250;

const ip = (...args: readonly string[]): string => tool('ip', ...args);
const spaceOf = (number: number): string => `raisingd-fault-${number}`;
const networkOf = (number: number): string => `10.213.${number}`;

/** The number of a namespace and a network that nobody had: who makes the namespace has both, also of two suites. */
function claimNumber(): number {
  for (let number = 1; number <= MOST; number += 1) {
    if (ip('-4', 'route', 'show', `${networkOf(number)}.0/24`).trim() !== '') continue;
    try {
      ip('netns', 'add', spaceOf(number));
      return number;
    } catch (error) {
      if (!String(error).includes('File exists')) throw error;
    }
  }
  throw new Error(`each of ${MOST} networks is in use`);
}

/** @param journal where the LIS behind the cable writes what it receives */
export async function layCable(bench: Bench, journal: string): Promise<Cable> {
  const number = orSkip('network namespaces cannot be made here', claimNumber);
  const [space, network] = [spaceOf(number), networkOf(number)];
  const [here, there] = [`raisingd-h${number}`, `raisingd-t${number}`];
  bench.onEnd(() => ip('netns', 'delete', space));
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', space);
  ip('addr', 'add', `${network}.1/24`, 'dev', here);
  ip('link', 'set', here, 'up');
  ip('-n', space, 'addr', 'add', `${network}.2/24`, 'dev', there);
  ip('-n', space, 'link', 'set', there, 'up');
  ip('-n', space, 'link', 'set', 'lo', 'up');

  const args = ['netns', 'exec', space, process.execPath, '--disable-warning=ExperimentalWarning', RECEIVER];
  const receiver = spawn('ip', [...args, journal, `${network}.2`], { stdio: ['ignore', 'pipe', 'inherit'] });
  receiver.once('error', bench.fail);
  bench.onEnd(() => receiver.kill('SIGKILL'));
  const [line] = (await once(createInterface(receiver.stdout), 'line', { signal: bench.signal })) as [string];
  return {
    host: `${network}.2`,
    port: Number(line),
    unplug: () => void ip('-n', space, 'link', 'set', there, 'down'),
    plugIn: () => void ip('-n', space, 'link', 'set', there, 'up'),
    limit(rate) {
      const shape = ['rate', rate, 'burst', '1540', 'latency', '2s'];
      tool('tc', 'qdisc', 'replace', 'dev', here, 'root', 'tbf', ...shape);
    },
    waited() {
      const told = tool('tc', '-json', '-statistics', 'qdisc', 'show', 'dev', here);
      const shapes = JSON.parse(told) as readonly { readonly kind: string; readonly overlimits: number }[];
      return shapes.find(({ kind }) => kind === 'tbf')?.overlimits ?? 0;
    },
    isConnected: () => isEstablished(`${network}.2`, Number(line)),
    freeze: () => void receiver.kill('SIGSTOP'),
    goOn: () => void receiver.kill('SIGCONT'),
  };
}

/** Looks in the kernel's own table of TCP connections, which names addresses by their bytes in reverse. */
function isEstablished(host: string, port: number): boolean {
  const address = Buffer.from(host.split('.').map(Number).reverse()).toString('hex');
  const remote = `${address}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .some((row) => row.trim().split(/ +/).slice(2, 4).join(' ') === `${remote} ${ESTABLISHED}`);
}
