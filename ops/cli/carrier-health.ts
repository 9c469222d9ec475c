import type { CarrierFigures, CarrierHealth, CarrierHistory } from '../../api/client/index.ts';
import type { Command } from './command.ts';
import { CliError } from './exit-status.ts';
import { REASON, reasonOf } from './reason.ts';
import { clean, columns, moment, pairs } from './text.ts';

/** `sealfax carrier health|reset`: for administrators. */
export const carrierHealthCommands: Readonly<Record<string, Command>> = {
  'carrier health': {
    summary: 'how well carriers work and how far they are trusted; of one carrier with its history',
    usage: '[CARRIER]',
    words: [0, 1],
    options: {},
    more: 'Rates are those of the last minutes. A carrier whose breaker is open gets no calls; on trial, one at a time.',
    async run(context, { words: [name] }) {
      const admin = await context.admin();
      if (name !== undefined) {
        const one = await admin.carrierHistory(name);
        context.show(one, historyText(one));
        return 'ok';
      }
      const all = await admin.carrierHealth();
      if (context.json) for (const one of all) context.show(one, '');
      else context.io.out(`${columns(HEAD, all.map(healthRow))}\n`);
      return 'ok';
    },
  },
  'carrier reset': {
    summary: 'close the breaker of a carrier: it gets calls at once; a pause stays',
    usage: 'CARRIER --reason TEXT',
    words: [1, 1],
    options: { reason: REASON },
    async run(context, args) {
      const reset = await (await context.admin()).resetCarrier(args.words[0] ?? '', reasonOf(args));
      context.show(reset, healthRow(reset).join('  '));
      return 'ok';
    },
  },
};

/** `sealfax destination learned|forget`: for administrators. */
export const lessonCommands: Readonly<Record<string, Command>> = {
  'destination learned': {
    summary: 'what calls have taught about a number',
    usage: 'NUMBER',
    words: [1, 1],
    options: {},
    async run(context, { words: [number = ''] }) {
      const { lessons, expiresAt, ...known } = await (await context.admin()).lessons(number);
      const until = `forgotten at ${moment(expiresAt)}, unless a call confirms it`;
      const text = lessons.length === 0 ? 'nothing' : [...lessons.map(clean), until].join('\n');
      context.show({ ...known, lessons, expiresAt }, text);
      return 'ok';
    },
  },
  'destination forget': {
    summary: 'forget what calls have taught about a number',
    usage: 'NUMBER',
    words: [1, 1],
    options: {},
    async run(context, { words: [number = ''] }) {
      const admin = await context.admin();
      const known = await admin.lessons(number);
      if (known.lessons.length === 0) throw new CliError('not_found', 'nothing was learned about this number');
      await admin.forgetLessons(number);
      context.show({ forgotten: known.number }, `${known.lessons.length} forgotten`);
      return 'ok';
    },
  },
};

const HEAD = ['carrier', 'breaker', 'calls', 'delivered', 'answered', 'no mode', 'faults', 'answer', 'last delivery'];

function healthRow(one: CarrierHealth): string[] {
  const { name, breaker, figures, rates, pausedSince } = one;
  const state = pausedSince === null ? breaker.phase : `${breaker.phase}, paused`;
  return [
    name,
    state,
    String(figures.calls),
    percent(rates.delivered),
    percent(rates.answered),
    percent(rates.unfit),
    percent(rates.faults),
    answerTime(figures),
    moment(figures.lastDeliveredAt),
  ];
}

function historyText(one: CarrierHistory): string {
  const { breaker, figures, rates, changes } = one;
  const facts = pairs({
    carrier: one.name,
    breaker: breakerText(breaker),
    because: breaker.reason,
    'trial calls': breaker.until === null ? null : `from ${moment(breaker.until)} on`,
    paused: one.pausedSince === null ? null : `since ${moment(one.pausedSince)}`,
    'calls since': moment(one.since),
    calls: callsText(figures),
    delivered: percent(rates.delivered),
    answered: percent(rates.answered),
    'no common mode': rates.unfit === null ? null : `${percent(rates.unfit)} of the answered`,
    'failed by it': percent(rates.faults),
    'time to answer': answerTime(figures),
    media: `${figures.overT38} over T.38, ${figures.overAudio} over audio`,
    'last delivery': moment(figures.lastDeliveredAt),
  });
  return changes.length === 0
    ? facts
    : `${facts}\n\n${columns(['at', 'became', 'by', 'because'], changes.map(changeRow))}`;
}

function breakerText({ phase, since }: CarrierHealth['breaker']): string {
  if (since === null) return phase;
  return phase === 'trial' ? `open since ${moment(since)}, on trial` : `${phase} since ${moment(since)}`;
}

function changeRow({ at, phase, by, reason }: CarrierHistory['changes'][number]): string[] {
  return [moment(at), phase, by, clean(reason)];
}

/** `12 (ok 9, busy 2, carrier_refused 1)`. */
function callsText({ calls, causes }: CarrierFigures): string {
  const parts = Object.entries(causes)
    .toSorted(([, a], [, b]) => b - a)
    .map(([cause, count]) => `${cause} ${count}`);
  return parts.length === 0 ? String(calls) : `${calls} (${parts.join(', ')})`;
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 1)} %`;
}

/** Seconds that half of the answers took at most, and 95 of 100. */
function answerTime({ answerMedian, answerP95 }: CarrierFigures): string {
  if (answerMedian === null || answerP95 === null) return '–';
  return `${(answerMedian / 1_000).toFixed(1)} s, 95 % ${(answerP95 / 1_000).toFixed(1)} s`;
}
