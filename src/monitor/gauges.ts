import { Counter, Gauge, type Registry } from 'prom-client';
import type { Facts } from './facts.ts';

/** Puts what was looked up into the registry, in place of what was there. */
export function createGauges(registry: Registry, startedAt: Date): (facts: Facts) => void {
  const gauge = <L extends string = never>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  gauge('raisingd_start_time_seconds', 'When the service process was started.').set(
    startedAt.getTime() / 1000,
  );
  const messages = gauge('raisingd_outbox_messages', 'Messages that wait.', 'destination', 'state');
  const oldest = gauge(
    'raisingd_outbox_oldest_seconds',
    'Age of the oldest unacknowledged message; 0 where none waits.',
    'destination',
  );
  const up = gauge('raisingd_destination_up', '1 unless the destination is down.', 'destination');
  const courier = gauge('raisingd_courier_alive', '1 while the courier makes progress.', 'destination');
  const held = gauge('raisingd_results_held', 'Results that wait for a person.');
  const heldOldest = gauge('raisingd_results_held_oldest_seconds', 'How long the oldest of them has waited.');
  const waiting = gauge('raisingd_results_waiting', 'Results that wait for sIL-2R or a control.');
  const folder = gauge('raisingd_folder_available', '1 while a folder can be read.', 'folder');
  const files = gauge('raisingd_folder_files', 'Matching files at the last full scan.', 'folder');
  const unfinished = gauge('raisingd_folder_unfinished_files', 'Files that are not finished yet.', 'folder');
  const scan = gauge('raisingd_folder_scan_seconds', 'How long the last full scan took.', 'folder');
  const intake = gauge('raisingd_intake_up', '1 while there is an intake process.');
  const restarts = new Counter({
    name: 'raisingd_intake_restarts_total',
    help: 'Intake processes that had to be replaced.',
    registers: [registry],
  });
  const alerts = gauge('raisingd_alert_episodes_open', 'Alert episodes that last, by kind.', 'kind');
  const database = gauge('raisingd_database_bytes', 'Size of the database file.');
  const log = gauge('raisingd_database_wal_bytes', 'Size of its write-ahead log.');
  const disk = gauge('raisingd_disk_free_bytes', 'Free space for the service on the disk of dataDir.');
  const memory = gauge('raisingd_resident_memory_bytes', 'Resident memory of a process.', 'process');
  const cpu = new Counter({
    name: 'raisingd_cpu_seconds_total',
    help: 'Processor time of the service process, without that of the intake.',
    registers: [registry],
  });
  let replaced = 0;
  let cpuSeconds = 0;

  return ({ now, daemon, store, machine }) => {
    const age = (since: Date | null): number =>
      since === null ? 0 : Math.max(0, now.getTime() - since.getTime()) / 1000;

    // What is not named any more must not stay at its last value.
    for (const one of [messages, oldest, up, courier, folder, files, unfinished, scan, alerts]) one.reset();
    for (const { name, alive, up: isUp } of daemon.couriers) {
      up.set({ destination: name }, isUp ? 1 : 0);
      courier.set({ destination: name }, alive ? 1 : 0);
      for (const state of ['queued', 'held']) messages.set({ destination: name, state }, 0);
      oldest.set({ destination: name }, 0);
    }
    for (const queue of store.queues) {
      const { destination } = queue;
      messages.set({ destination, state: 'queued' }, queue.queued);
      messages.set({ destination, state: 'held' }, queue.held);
      oldest.set({ destination }, age(queue.oldestQueuedAt));
    }
    held.set(store.heldResults);
    heldOldest.set(age(store.oldestHeldAt));
    waiting.set(store.waitingResults);

    for (const one of daemon.intake.folders) {
      folder.set({ folder: one.folder }, one.state === 'available' ? 1 : 0);
      files.set({ folder: one.folder }, one.files);
      unfinished.set({ folder: one.folder }, one.waiting);
      if (one.scanMs !== null) scan.set({ folder: one.folder }, one.scanMs / 1000);
    }
    intake.set(daemon.intake.pid === null ? 0 : 1);
    // A reload begins to count anew.
    restarts.inc(Math.max(0, daemon.intake.replaced - (daemon.intake.replaced < replaced ? 0 : replaced)));
    ({ replaced } = daemon.intake);

    // Only the kind: what follows the colon is a destination, a folder or a hash.
    for (const key of daemon.alerts) alerts.inc({ kind: key.split(':', 1)[0] ?? key });
    if (daemon.alerts.length === 0) alerts.set({ kind: 'any' }, 0);

    database.set(machine.database);
    log.set(machine.writeAheadLog);
    if (machine.diskFree !== null) disk.set(machine.diskFree);
    memory.set({ process: 'service' }, machine.memory);
    if (machine.intakeMemory !== null) memory.set({ process: 'intake' }, machine.intakeMemory);
    cpu.inc(Math.max(0, machine.cpuSeconds - cpuSeconds));
    ({ cpuSeconds } = machine);
  };
}
