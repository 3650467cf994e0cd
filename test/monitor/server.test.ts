import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMonitor } from '../../src/monitor/server.ts';
import { createRecordLog } from '../deliver/support/record-log.ts';
import { tempFolder } from '../store/support.ts';
import { until } from '../until.ts';

const SOURCES = {
  isAlive: () => true,
  readiness: () => ({ ready: true, checks: {} as never }),
  metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'raisingd_build_info 1\n' }),
};

function monitorOf(changes: Partial<typeof SOURCES> = {}) {
  const log = createRecordLog();
  const monitor = createMonitor({ ...SOURCES, ...changes }, log);
  onTestFinished(() => monitor.close());
  return { monitor, log };
}

function atSocket(socketPath: string, path: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = request({ socketPath, path }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  asked.on('error', reject).end();
  return promise;
}

describe('the health listener', () => {
  test('is off where neither port nor socket is set', async () => {
    const { monitor } = monitorOf();
    await monitor.listen({ host: '127.0.0.1' });
    expect(monitor.addresses()).toEqual([]);
  });

  test('answers on a port of the loopback, to GET and HEAD and for three paths only', async () => {
    const { monitor } = monitorOf();
    await monitor.listen({ host: '127.0.0.1', port: 0 });
    const [base = ''] = monitor.addresses();
    expect(base).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const status = async (path: string, method = 'GET') => (await fetch(`${base}${path}`, { method })).status;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz?x=1')).toBe(200);
    expect(await status('/metrics', 'HEAD')).toBe(200);
    expect(await status('/../etc/passwd')).toBe(404);
    expect(await status('/metrics', 'POST')).toBe(405);
  });

  test('says 503 where no progress is made, and 500 where a figure cannot be had', async () => {
    const { monitor, log } = monitorOf({
      isAlive: () => false,
      metrics: () => Promise.reject(new Error('disk I/O error')),
    });
    await monitor.listen({ host: '127.0.0.1', port: 0 });
    const [base = ''] = monitor.addresses();
    const health = await fetch(`${base}/healthz`);
    expect([health.status, await health.json()]).toEqual([503, { alive: false }]);
    expect((await fetch(`${base}/metrics`)).status).toBe(500);
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { error: 'disk I/O error' } }),
    );
  });

  test('answers on a Unix socket that only owner and group may use, and takes it away at the end', async () => {
    const socket = join(tempFolder(), 'monitor.sock');
    const { monitor } = monitorOf();
    await monitor.listen({ host: '127.0.0.1', socket });
    expect(statSync(socket).mode & 0o777).toBe(0o660);
    expect(await atSocket(socket, '/healthz')).toBe(200);
    await monitor.close();
    expect(existsSync(socket)).toBe(false);
  });

  test('takes the place of a socket that a killed process left behind', async () => {
    const socket = join(tempFolder(), 'monitor.sock');
    const listen = `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => console.log('listens'))`;
    const killed = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(existsSync(socket)).toBe(true);
    const { monitor } = monitorOf();
    await monitor.listen({ host: '127.0.0.1', socket });
    expect(monitor.addresses()).toEqual([socket]);
  });

  test('leaves alone what is no socket, says what is in the way, and lets the service run', async () => {
    const file = join(tempFolder(), 'notes.txt');
    writeFileSync(file, 'keep');
    const { monitor, log } = monitorOf();
    await monitor.listen({ host: '127.0.0.1', socket: file });
    expect(monitor.addresses()).toEqual([]);
    expect(statSync(file).size).toBe(4);
    expect(log.lines.map(({ message }) => message)).toEqual([
      'Health and metrics cannot be offered here; it is tried again',
    ]);
  });

  test('moves when a reload asks for another place, and stays where it does not', async () => {
    const socket = join(tempFolder(), 'monitor.sock');
    const { monitor } = monitorOf();
    await monitor.listen({ host: '127.0.0.1', port: 0 });
    const before = monitor.addresses();
    await monitor.listen({ host: '127.0.0.1', port: 0 });
    expect(monitor.addresses()).toEqual(before);
    await monitor.listen({ host: '127.0.0.1', socket });
    expect(monitor.addresses()).toEqual([socket]);
    await until(() => expect(fetch(`${before[0] ?? ''}/healthz`)).rejects.toThrow());
  });
});
