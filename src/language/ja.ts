import type { Refusal } from '../result/refusal.ts';
import { queueJa } from './queue-ja.ts';
import type { Words } from './words.ts';

const UNITS = { s: '秒', min: '分', h: '時間', days: '日' } as const;

/** 検査室で使われる言葉に合わせる：accession 検体番号、trace 波形、tier 区分、region 領域、held 保留。 */
export const ja: Words = {
  language: 'ja',
  statuses: { pass: '合格', review: '要確認', fail: '不合格' },
  tiers: { low: '低', intermediate: '中', high: '高' },
  dispositions: { released: '報告', held: '保留', rejected: '却下', control: 'コントロール' },
  entryStates: { queued: '送信待ち', delivered: '送信済み', held: '保留', dropped: '送信中止' },
  folderStates: {
    starting: '確認中',
    available: '利用可能',
    unavailable: '利用不可',
    hanging: '応答なし',
  },
  common: {
    configUnusable: '設定を使用できません：',
    noAccession: '検体番号なし',
    noValue: '値なし',
    builtIn: '組み込みの既定値',
    unknown: '不明',
    age: (count, unit) => `${count}${UNITS[unit]}`,
    risk: (cv, tier, region) => `Cv ${cv} ${tier}${region === null ? '' : ` ${region}`}`,
  },
  status: {
    notRunning: 'raisingdは停止しています',
    running: (pid, since) => `raisingdは稼働中です（プロセス ${pid}、${since} から）`,
    state: (age, version, config) => `  ${age}前の状態、バージョン ${version}、設定 ${config}`,
    folder: (folder, state, detail, files, unfinished) =>
      `フォルダー ${folder}：${state}${detail === '' ? '' : `（${detail}）`}、波形 ${files} 件、書き込み中 ${unfinished} 件`,
    notRead: (path, detail) => `  読み込めないもの：${path}：${detail}`,
    worklist: (rows) => `ワークリスト：依頼 ${rows} 件`,
    lisUp: (name) => `LIS ${name}：正常`,
    lisDown: (name, since, outcome) => `LIS ${name}：${since} から送信できません（${outcome}）`,
    alarm: (key, text, age) => `警報 ${key}：${text}（${age}継続中）`,
    queue: (destination, queued, oldest, held) =>
      `送信 ${destination}：未応答 ${queued} 件${oldest === null ? '' : `（最も古いものは${oldest}前）`}、保留 ${held} 件`,
    queueEmpty: '送信：待ちはありません',
    restored: (at, backup, madeAt) =>
      `復元：${at} に ${backup} から復元（${madeAt} 時点の内容）。送信待ちだったメッセージは保留しました`,
    held: (held, waiting) =>
      `保留中の結果：${held} 件。ほかにsIL-2Rまたはコントロールを待つもの ${waiting} 件`,
    heldOne: (key, accession, file, age) => `  ${key}  ${accession}  ${file}  ${age}経過`,
    lastDay: (files, { pass, review, fail }, { low, intermediate, high }, delivered) =>
      `直近24時間：ファイル ${files} 件。合格 ${pass}、要確認 ${review}、不合格 ${fail}。` +
      `報告した区分 低 ${low}、中 ${intermediate}、高 ${high}。送信済み ${delivered} 件`,
    latency: (median, p95) =>
      `ファイルの書き込み完了から応答まで：半数が ${median} 秒以内、95 %が ${p95} 秒以内`,
  },
  review: {
    nothingWaits: '確認を待つ結果はありません',
    refused: refusalInJapanese,
    stillHeld: (key, reasons) => `${key} は保留のままです：${reasons}`,
    since: (disposition, at) => `${disposition}（${at} から）`,
    waitsUntil: (at) => `、${at} まで待機`,
    interval: (interval) => `90 %区間 ${interval ?? 'なし'}`,
    picture: (path) => `画像 ${path}`,
    noPicture: (why) => `画像なし：${why}`,
    version: (version, at, disposition, report, by) =>
      `第${version}版、${at}：${disposition}${report === null ? '' : `（${report}）`}、判断 ${by}`,
    lisKeeps: (key, risk, report) =>
      `${key}  LISには ${risk}（${report} として送信）が残っています。取り消すには raisingd review withdraw ${key}`,
    heldInstead: (reasons) => `保留になりました：${reasons}`,
    takesItsPlace: (sent) => `代わりに報告します：${sent}`,
    sentTo: (controlId, destination) => `${destination} へ ${controlId}`,
    nothingSent: '送信はありません',
    untold: (key, destination) =>
      `${key}  ${destination} にもありますが、設定にないため送信されません（lis[].formerly）`,
  },
  queue: queueJa,
  score: {
    noSample: 'サンプル名なし',
    noCv: (status) => `Cvなし、${status}`,
    verdict: (cv, low, high, tier, status) => `Cv ${cv}（90 %区間 ${low}-${high}）、区分 ${tier}、${status}`,
    picture: (path) => `    画像：${path}`,
    noSuchFile: (path) => `${path}：ファイルまたはフォルダーがありません`,
    cannotList: (path, detail) => `${path}：一覧を取得できません：${detail}`,
    noTraces: (path, endings) => `${path}：拡張子が ${endings.join(' または ')} のファイルがありません`,
    tooLarge: (bytes, maxMiB) => `${bytes} バイトは watch.maxFileMiB（${maxMiB}）の上限を超えています`,
    beingWritten: '書き込み中です。完了してからもう一度実行してください',
    gone: 'ファイルがありません',
    notAFile: 'リンク、FIFOまたはデバイスで、通常のファイルではありません',
    unreadable: (code) => `読み込めません（${code}）`,
  },
  check: {
    faults: (count) => `設定に誤りが ${count} 件あります`,
    labels: {
      config: '設定',
      data: 'データ',
      assay: 'アッセイ',
      cutoffs: 'カットオフ',
      watch: '監視',
      worklist: '依頼',
      lis: 'LIS',
      warning: '注意',
      valid: '有効',
    },
    from: (id, file, version) => `${id}（${file}、${version}）`,
    cutoffs: (intermediate, high, sil2r, version) =>
      `Cv ${intermediate} と ${high}、sIL-2R ${sil2r}（${version}）`,
    noWorklist: 'なし：結果は検体番号だけで送信します',
    destination: (name, transport, processingId) => `${name}：${transport}、処理ID ${processingId}`,
    noWarnings: '注意事項はありません',
    warnings: (count) => `注意事項 ${count} 件`,
  },
  demo: {
    title: (version) => `raisingd ${version} デモ。模擬検体、研究用のみ。`,
    folder: '監視フォルダー',
    lis: 'テスト用LIS',
    received: (address, file) => `${address}、受信内容：${file}`,
    log: 'ログ',
    header: ['ファイル', 'サンプル', '判定', 'Cv', '区分', '領域', 'メッセージID', '応答'],
    control: 'コントロール（送信なし）',
    held: (codes) => `保留：${codes}`,
    noLis: '解析のみ（LIS未設定）',
  },
  restore: {
    runs: (dataDir) => `${dataDir} のサービスが稼働中です。先に停止してください`,
    sound: (backup, at) => `${backup} に破損はなく、監査記録も完全です。記録は ${at} までです。`,
    waited: (queued, held) => `送信待ちのメッセージ ${queued} 件、保留中の結果 ${held} 件が含まれます。`,
    nothingSince: '現在のデータベースには、それ以降の記録はありません。',
    unknownSince: (why) => `それ以降に行われたことは分かりません：${why}`,
    since: (events, released) =>
      `現在のデータベースには、それ以降の記録が ${events} 件（うち報告した結果 ${released} 件）あり、復元後は失われます。`,
    decisions: 'その間の担当者の判断は、もう一度行う必要があります：',
    nobodyToAsk: '確認を求める相手がいません。--yes を付けてください',
    question: 'データベースをこのコピーに置き換えますか？ はい と入力：',
    yes: 'はい',
    nothingChanged: '何も変更していません',
    done: 'コピーに置き換えました。',
    aside: (folder) => `置き換え前のデータベースは ${folder} にあります。raisingd restore で元に戻せます。`,
    messagesHeld: (count) => [
      `メッセージ ${count} 件を保留しました（raisingd queue list）。LISに届いていないものは queue retry で、同じ内容を`,
      '同じMSH-10で送信します。LISに同じ結果のより新しいものがあれば queue drop としてください。',
    ],
    tracesHeld: [
      '復元より前、および（共有フォルダの時計のずれに備え）復元後1時間以内に書き込まれ、コピーに記録のない波形は RESTORED として保留されます（raisingd review list）。',
      '報告すると以前と同じOBR-3で送信されるため、LISでは一つの結果のままです。先にLISと照合し、その後に訂正または',
      '取り消された結果は、そのまま報告しないでください。',
    ],
  },
  retention: {
    classes: { figures: '画像', messages: 'メッセージ', analyses: '解析' },
    kept: (count, oldest) =>
      `${count} 件${oldest === null ? '' : `（最も古いものは ${oldest}）`}。永久に保存`,
    due: (due, days, before, kib, dry, kept, oldest) =>
      `${days} 日を超えたもの（${before} より前）${due} 件、${kib} KiB：${dry ? '削除対象' : '削除しました'}。` +
      `残り ${kept} 件${oldest === null ? '' : `（最も古いものは ${oldest}）`}`,
  },
  control: {
    noRun: 'ラン名なし',
    kinds: { positive: '陽性', negative: '陰性', other: 'その他' },
    verdicts: { passed: '合格', failed: '不合格', 'not-judged': '判定対象外' },
  },
  cutoffs: {
    since: (version, hash, at, by, reason) => `v${version}  ${hash}  ${at} から、${by}：${reason}`,
    notInForce: (hash) => `設定にあるが未適用  ${hash}`,
    values: (intermediate, high, sil2r, source) =>
      `Cv ${intermediate} と ${high}、sIL-2R ${sil2r}（${source}）`,
    inForceAlready: 'このカットオフはすでに適用されています',
    inForce: (version, hash, values) => `v${version}  ${hash}  新しい結果に適用します：${values}`,
    wouldMove: (moved, all) => `報告済みの結果 ${all} 件中 ${moved} 件で区分または領域が変わります`,
    nothingChanged: '何も変更していません。--yes を付けると、これらの結果を訂正して送信します',
    corrected: (results, messages) => `結果 ${results} 件を訂正、送信待ちのメッセージ ${messages} 件`,
    decideFirst: (key) => `${key}  保留中：先に判断してください（raisingd review show ${key}）`,
  },
  orders: {
    nothing: '受信した依頼はありません',
    nothingSaid: (accession) =>
      `${accession} についての情報はありません。raisingd orders list で受信内容を確認してください`,
    order: '依頼',
    inDoubt: '確定できません',
    noTrace: '波形はまだありません',
    unmatched: (sil2r, whose, origin) => `該当する依頼なし  sIL-2R ${sil2r}  ${whose}  ${origin}`,
    specimen: (accession) => `検体 ${accession}`,
    patient: (id) => `患者 ${id}`,
    refused: (type, message, sender, answer, problem, times, last) =>
      `受理せず  ${type}  ${sender} からのメッセージ ${message}  ${answer}  ${problem}  ${times} 回、最後は ${last}`,
    takenInPart: (type, message, sender, remarks) =>
      `一部を受理  ${type}  ${sender} からのメッセージ ${message}  ${remarks}`,
    noOrderNumber: '依頼番号なし',
    orderNumber: (order) => `依頼番号 ${order}`,
    categories: {
      carrier: '無症候性キャリア',
      ham: 'HAM/TSP',
      smoldering: 'くすぶり型ATL',
      chronic: '慢性型ATL',
      acute: '急性型ATL',
      lymphoma: 'リンパ腫型ATL',
      unknown: '病型不明',
    },
    unknownCodes: (category, codes) => `${category}（コード ${codes} から病型を一つに決められません）`,
    sil2r: (value) => `sIL-2R ${value}`,
    unknownSil2r: '不明',
    tooOld: (sil2r, days, maxDays) =>
      `。${sil2r} は採取日から ${days} 日離れているため使用しません（${maxDays} 日まで）`,
    undated: (sil2r) => `。${sil2r} は日付がないため使用しません`,
    noOrder: '依頼はありません',
    by: (field, source, origin, at) => `  ${field}：${source}（${origin}、${at}）`,
    history: '受信した内容（古い順）：',
  },
  audit: {
    whole: (rows, head) => `${rows} 行、変更はありません。末尾 ${head}`,
    broken: (row, found) => `${row} 行目：${found}`,
  },
};

function refusalInJapanese(why: Refusal): string {
  switch (why.kind) {
    case 'no-result':
      return `結果 ${why.key} はありません。raisingd review list で一覧を確認してください`;
    case 'no-trace':
      return `結果 ${why.key} に、SHA-256が ${why.sha256} で始まる波形はありません`;
    case 'not-held': {
      const is = `結果 ${why.key} は保留ではありません（${ja.dispositions[why.disposition]}）`;
      return why.wish === 'release' ? is : `${is}。送信済みの結果は raisingd review withdraw で取り消せます`;
    }
    case 'no-value':
      return `${why.key} の波形には値がありません。却下はできますが、報告はできません`;
    case 'whose':
      return `${why.codes.join('、')}：結果 ${why.key} がどの検体のものか判断できません。名前を訂正して再度エクスポートしてください`;
    case 'look-again':
      return `送信していません：${why.key} に新たな理由 ${why.codes.join('、')} があります。raisingd review show ${why.key} でもう一度確認してください`;
    case 'nothing-sent':
      return `結果 ${why.key} の値はLISに送信されていません`;
    case 'unwritable':
      return `何も変更していません：${why.detail}`;
  }
}
