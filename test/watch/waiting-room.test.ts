import { describe, expect, it } from 'vitest';
import { fromText } from '../../src/watch/path.ts';
import { createWaitingRoom } from '../../src/watch/waiting-room.ts';

const rules = { quietMs: 2000, giveUpMs: 60_000 };
const path = fromText('/in/a.ab1');
const settling = { content: { size: 1, mtimeNs: 1n, sha256: 'aa' }, since: 0 };

describe('files on their way', () => {
  it('are looked at when their events pause, but not later than the quiet time after the first', () => {
    const room = createWaitingRoom(rules);
    const dues: number[] = [];
    for (let at = 0; at <= 3000; at += 50) {
      room.hint(path, at);
      dues.push(room.nextDueAt());
    }
    expect(dues[0]).toBe(100);
    expect(Math.max(...dues)).toBe(2000);
  });

  it('are looked at again soon when something happens during a look', () => {
    const room = createWaitingRoom(rules);
    room.arrive(path, 0);
    room.begin(path);
    room.hint(path, 10);
    room.again(path, 2000, settling);
    expect(room.nextDueAt()).toBe(110);
  });

  it('stay when something happens while the last look ends', () => {
    const room = createWaitingRoom(rules);
    room.arrive(path, 0);
    room.begin(path);
    room.hint(path, 10);
    room.leave(path);
    expect(room.due(110, 9)).toEqual([path]);
    expect(room.begin(path)).toBeNull();
    room.leave(path);
    expect(room.size).toBe(0);
  });

  it('go before new ones when they may be finished', () => {
    const room = createWaitingRoom(rules);
    const [first, second] = [fromText('/in/1.ab1'), fromText('/in/2.ab1')];
    room.arrive(first, 0);
    room.arrive(second, 0);
    room.begin(second);
    room.again(second, 1, settling);
    expect(room.due(5, 9)).toEqual([second, first]);
    expect(room.due(5, 1)).toEqual([second]);
  });

  it('are told of once for each reason not to read them', () => {
    const room = createWaitingRoom(rules);
    room.arrive(path, 0);
    expect(room.refuse(path, 1, 'EACCES')).toBe(true);
    expect(room.refuse(path, 2, 'EACCES')).toBe(false);
    expect(room.refuse(path, 3, 'EIO')).toBe(true);
    room.again(path, 4, null);
    expect(room.refuse(path, 5, 'EIO')).toBe(true);
  });
});
