import type { Machine } from './machine.ts';

/** What the service takes of the machine while nothing happens. */
export interface AtRest {
  /** Memory that would be free without it (PSS of all its processes), MiB. */
  readonly mebibytes: number;
  /** Share of one processor, percent. */
  readonly processor: number;
}

const PROCESSES = '/sys/fs/cgroup/system.slice/raisingd.service/cgroup.procs';

export function atRest(machine: Machine, seconds = 10): AtRest {
  const processorTime = (): number =>
    Number(machine.run('systemctl show --property=CPUUsageNSec --value raisingd'));
  const began = processorTime();
  machine.run(`sleep ${seconds}`);
  const used = processorTime() - began;
  const maps = `for pid in $(cat ${PROCESSES}); do cat /proc/$pid/smaps_rollup; done`;
  const sizes = [...machine.run(maps).matchAll(/^Pss:\s+(\d+) kB/gm)].map(([, size]) => Number(size));
  return {
    mebibytes: sizes.reduce((sum, size) => sum + size, 0) / 1024,
    processor: used / (seconds * 1e7),
  };
}

/** What systemd itself thinks of the unit: 10 is bare, 0 is locked up. Throws above 1.5. */
export function exposure(machine: Machine): number {
  const unit = '/usr/lib/systemd/system/raisingd.service';
  const said = machine.run(`systemd-analyze security --offline=true --threshold=15 --no-pager ${unit}`);
  return Number(/Overall exposure level for raisingd.service: ([\d.]+)/.exec(said)?.[1]);
}
