import type { CarrierTerms, Cdr, LeftOut, RouteExplanation, RouteRule, RouteTable } from '../../api/client/index.ts';
import { moneyText } from '../../gateway/fax/money.ts';
import type { Command } from './command.ts';
import { CliError } from './exit-status.ts';
import { clean, columns, moment } from './text.ts';

/** `sealfax route …`: for administrators. */
export const routeCommands: Readonly<Record<string, Command>> = {
  'route list': {
    summary: 'the rules by which calls find their carriers, and what may go over these',
    usage: '',
    words: [0, 0],
    options: {},
    async run(context) {
      const table = await (await context.admin()).routes();
      context.show(table, tableText(table));
      return 'ok';
    },
  },
  'route explain': {
    summary: 'which carrier a call would go over, which ones after it, and why not over the others',
    usage: 'NUMBER [--account ACCOUNT] [--from NUMBER] [--at TIME]',
    words: [1, 1],
    options: {
      account: { type: 'string', value: 'ACCOUNT', about: 'whose call it would be, by id or name' },
      from: { type: 'string', value: 'NUMBER', about: 'the number that the fax would come from' },
      at: { type: 'string', value: 'TIME', about: 'when it would be, such as 2026-11-25T22:30; now when left out' },
    },
    more: 'Pauses, breakers and budgets are those of now, whatever the time.',
    async run(context, args) {
      const explanation = await (await context.admin()).explainRoute({
        number: args.words[0] ?? '',
        from: args.text('from'),
        account: args.text('account'),
        at: timeOf(args.text('at')),
      });
      context.show(explanation, explanationText(explanation));
      return 'ok';
    },
  },
};

/** A time without a zone is meant as the clock on this wall shows it. */
function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw new CliError('usage', `--at ${text} is no time; write it as 2026-11-25T22:30`);
  return new Date(at).toISOString();
}

function tableText({ items, carriers }: RouteTable): string {
  const rules = items.length === 0 ? 'no rules: every carrier in order' : columns(RULE_HEAD, items.map(ruleRow));
  return `${rules}\n\n${columns(['carrier', 'tags', 'shows'], carriers.map(termsRow))}`;
}

const RULE_HEAD = ['rule', 'numbers', 'accounts', 'when', 'carriers', 'tags'];

function ruleRow({ name, prefixes, accounts, windows, holds, carriers, order, tags }: RouteRule): string[] {
  const times = windows.map(({ days, from, to, zone }) => `${days.join(',')} ${from}–${to} ${zone}`);
  const when = times.length === 0 ? 'always' : `${times.join('; ')} (${holds ? 'now' : 'not now'})`;
  const names = carriers.length === 0 ? 'all' : carriers.join(', ');
  return [
    name,
    prefixes.join(' '),
    accounts.length === 0 ? 'everybody' : accounts.join(' '),
    when,
    order === 'cheapest' ? `${names} (cheapest first)` : names,
    tags.join(' '),
  ].map(clean);
}

function termsRow({ name, tags, callerId }: CarrierTerms): string[] {
  return [name, tags.length === 0 ? '–' : tags.join(' '), callerText(callerId)].map(clean);
}

function callerText({ rule, shows, numbers }: CarrierTerms['callerId']): string {
  if (rule === 'pass') return 'the sender’s number';
  if (rule === 'fixed') return shows ?? '';
  return `${numbers.join(' ')}${shows === null ? ', no other' : `, for others ${shows}`}`;
}

/** `▶` is who would be called, `·` who comes after, `✗` who is left out. */
export function explanationText(explanation: RouteExplanation): string {
  const { to, account, at, currency, carriers, leftOut, waitFor, lessons } = explanation;
  const called = carriers.map(({ name, price, shows, reasons }, index) => [
    index === 0 ? '▶' : '·',
    clean(name),
    price === null ? '–' : `${moneyText(price)} ${currency}`,
    shows ?? '–',
    [...reasons, ...loadText(carriers[index])].map(clean).join('; '),
  ]);
  const others = leftOut
    .filter(({ name }) => !carriers.some((carrier) => carrier.name === name))
    .map(({ name, sentence }) => ['✗', clean(name), '', '', clean(sentence)]);
  const paragraphs = [
    `${to}, ${account === null ? 'nobody in particular' : `account ${clean(account)}`}, ${moment(at)}\n${ruleText(explanation)}`,
    columns(['', 'carrier', 'a page', 'shows', 'because'], [...called, ...others]),
    ...(carriers.length > 0 ? [] : [endText(waitFor)]),
    ...(lessons.length > 0 ? [`known about the number: ${lessons.map(clean).join('; ')}`] : []),
  ];
  return paragraphs.join('\n\n');
}

function ruleText({ rule, order }: RouteExplanation): string {
  if (rule === null) return 'no rule fits: every carrier in the order of the configuration';
  return `rule ${clean(rule)}, ${order === 'cheapest' ? 'the cheapest first' : 'in the order that is written'}`;
}

function loadText(carrier: RouteExplanation['carriers'][number] | undefined): string[] {
  if (carrier === undefined) return [];
  const { calls, maxCalls, waiting } = carrier;
  const full = maxCalls !== null && calls >= maxCalls;
  return [
    ...(full ? [`full: ${calls} of ${maxCalls} calls`] : []),
    ...(waiting > 0 ? [`${waiting} wait in its line`] : []),
  ];
}

function endText(waitFor: string | null): string {
  if (waitFor === null) return 'Nobody may carry it: such a fax fails as carrier_refused.';
  return `Nobody takes it now: such a fax waits for ${clean(waitFor)}, or for whoever is the first to take calls again.`;
}

/** Reasons in the past, as a CDR tells them. */
const WHY: Readonly<Record<LeftOut, string>> = {
  tag_missing: 'lacked a tag',
  caller_id: 'might not show the number',
  receives_only: 'was set up for receiving only',
  pull_denied: 'would have fetched the pages',
  refused: 'had refused the fax',
  paused: 'was paused',
  breaker_open: 'was left alone after failures',
  budget_spent: 'had spent its budget',
  failed_before: 'had failed the fax',
};

/** The route of a call in one line; undefined where there was none. */
export function routeText({ route }: Pick<Cdr, 'route'>): string | undefined {
  if (route === null) return undefined;
  const place = `no. ${route.place} of ${route.of}`;
  const rule = route.rule === null ? `${place}, no rule fits` : `${place} of the rule ${route.rule}`;
  const others = route.leftOut.map(({ carrier, why }) => `${carrier} ${WHY[why]}`);
  return [rule, ...(route.trial ? ['a trial call'] : []), ...others].join('; ');
}
