import type { QueueWords } from './words.ts';

const WISHES = {
  retried: '再試行',
  held: '保留に',
  dropped: '送信中止に',
  resent: '再送',
  moved: '移動',
} as const;

export const queueJa: QueueWords = {
  nothingWaits: '待っているメッセージはありません',
  unknown: (id) => `メッセージ ${id} はありません。raisingd queue list --all で一覧を確認してください`,
  line: ({ id, state, destination, controlId, resultKey, createdAt, attempts }, nextAttemptAt) =>
    `${id}  ${state}  ${destination}  ${controlId}  結果 ${resultKey}  作成 ${createdAt}  試行 ${attempts} 回` +
    (nextAttemptAt === null ? '' : `  次の試行 ${nextAttemptAt}`),
  textRemoved: '（本文は保存期間を過ぎたため削除済みです）',
  textDamaged:
    '（データベース内の本文が壊れているため表示しません。バックアップに残っている場合があります：docs/operations.md）',
  theLis: (line) => `    LISの応答：${line}`,
  notPossible: (id, state, wish) => `メッセージ ${id} は「${state}」のため、${WISHES[wish]}できません`,
  resendRemoved: (id, state) => `メッセージ ${id} は「${state}」で、本文は保存期間を過ぎて削除されています`,
  resendSuperseded: (id, state, later) =>
    `メッセージ ${id} は「${state}」で、同じ結果の新しいメッセージ ${later ?? '?'} があります。そちらを再送してください`,
  messages: (count) => `メッセージ ${count} 件`,
  messagesOf: (count, all) => `メッセージ ${all} 件中 ${count} 件`,
  waitFor: (count, destination) => `${destination} への送信待ち ${count} 件`,
  leftSuperseded: (id, other, destination) =>
    `メッセージ ${id} はそのままです：同じ結果の新しいメッセージ ${other} が ${destination} にあります`,
  leftThere: (id, other, destination) =>
    `メッセージ ${id} はそのままです：同じ内容のメッセージ ${other} が ${destination} にあります`,
  leftWaiting: (count, destination) =>
    `${destination} に ${count} 件が残っています。それぞれ raisingd queue drop で終了してください`,
};
