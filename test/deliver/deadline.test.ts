import { expect, test, vi } from 'vitest';
import { startDeadline } from '../../src/deliver/deadline.ts';

test('a deadline longer than Node can count is still a long one', () => {
  const setTimeout = vi.spyOn(globalThis, 'setTimeout');
  startDeadline(1e9, () => undefined)();
  expect(setTimeout.mock.calls[0]?.[1]).toBe(2 ** 31 - 1);
  setTimeout.mockRestore();
});

test('a deadline that is called off between its time and its effect has none', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const expire = vi.fn();
  const cancel = startDeadline(1, expire);
  vi.advanceTimersByTime(1000);
  cancel();
  vi.useRealTimers();
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      expect(expire).not.toHaveBeenCalled();
      resolve();
    });
  });
});
