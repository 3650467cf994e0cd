import type { QueueWords } from './words.ts';

export const queueEn: QueueWords = {
  nothingWaits: 'nothing waits',
  unknown: (id) => `there is no message ${id}; raisingd queue list --all shows them`,
  line: ({ id, state, destination, controlId, resultKey, createdAt, attempts }, nextAttemptAt) =>
    `${id}  ${state}  ${destination}  ${controlId}  result ${resultKey}  made ${createdAt}  tries ${attempts}` +
    (nextAttemptAt === null ? '' : `  next try ${nextAttemptAt}`),
  textRemoved: '(the text was removed by retention)',
  textDamaged:
    '(the text in the database is damaged and is not shown; a backup may hold it: docs/operations.md)',
  theLis: (line) => `    the LIS: ${line}`,
  notPossible: (id, state, wish) => `message ${id} is ${state}: it cannot be ${wish}`,
  resendRemoved: (id, state) => `message ${id} is ${state}, and retention has removed its text`,
  resendSuperseded: (id, state, later) =>
    `message ${id} is ${state}, and message ${later ?? '?'} came after it for the same result: resend that one`,
  messages: (count) => `${count} messages`,
  messagesOf: (count, all) => `${count} of ${all} messages`,
  waitFor: (count, destination) => `${count} messages wait for ${destination} now`,
  leftSuperseded: (id, other, destination) =>
    `message ${id} is left: message ${other} for ${destination} came after it for the same result`,
  leftThere: (id, other, destination) =>
    `message ${id} is left: message ${other} for ${destination} says the same`,
  leftWaiting: (count, destination) =>
    `${count} messages stay with ${destination}: raisingd queue drop ends each of them`,
};
