import { readFileSync } from 'node:fs';

/** What a process and its children take. */
export interface Usage {
  /** Shared pages counted once (PSS), MiB. */
  readonly memory: number;
  /** Sum of the largest each has been (RSS), MiB. */
  readonly peak: number;
  /** Processor time since their start, seconds. */
  readonly cpu: number;
}

/** Ticks a second in /proc (USER_HZ, which is 100 on every Linux). */
const TICKS = 100;

export function usageOf(pid: number): Usage {
  const children = contentOf(`/proc/${pid}/task/${pid}/children`).trim().split(' ');
  let [memory, peak, cpu] = [0, 0, 0];
  for (const one of [String(pid), ...children].filter((id) => id !== '')) {
    memory += field(contentOf(`/proc/${one}/smaps_rollup`), 'Pss');
    peak += field(contentOf(`/proc/${one}/status`), 'VmHWM');
    // Behind the name, which may hold anything: state is the first, utime the 12th and stime the 13th.
    const figures = contentOf(`/proc/${one}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    cpu += (Number(figures[11] ?? 0) + Number(figures[12] ?? 0)) / TICKS;
  }
  return { memory: memory / 1024, peak: peak / 1024, cpu };
}

/** Empty where the process is gone. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
