import { useEffect, useState } from 'preact/hooks';
import type { CdrResult, Direction } from '../client/browser.ts';
import { dayAfter, daysBefore, isDay } from './calendar.ts';
import { Button, Form, SelectField, TextField } from './components/index.ts';
import { RESULTS } from './components/state.tsx';
import { AccountField, WAYS } from './fax-filter.tsx';
import { day } from './format.ts';
import { numberFilter, plainNumber } from './number-filter.ts';
import { SeenFields } from './seen-fields.tsx';

/** What the sums are of: each span of the calendar. */
export type Span = 'day' | 'week' | 'month';
/** What the second table tells apart. */
export type Dimension = 'account' | 'carrier' | 'country' | 'cause' | 'direction';

/** What a person asks for. Days are those of this machine's calendar; the last one counts. */
export interface WantedCalls {
  readonly account: string;
  readonly direction: Direction | '';
  readonly result: CdrResult | '';
  readonly carrier: string;
  readonly cause: string;
  readonly country: string;
  /** With `*` behind it: how numbers begin. */
  readonly number: string;
  readonly since: string;
  readonly until: string;
  readonly span: Span;
  readonly by: Dimension;
}

/** How far back, when nobody says: days, today among them. */
const DAYS = 30;

const SPANS: readonly (readonly [Span, string])[] = [
  ['day', 'days'],
  ['week', 'weeks'],
  ['month', 'months'],
];
const DIMENSIONS: readonly (readonly [Dimension, string])[] = [
  ['cause', 'causes'],
  ['carrier', 'carriers'],
  ['account', 'accounts'],
  ['country', 'countries'],
  ['direction', 'sent and received'],
];
const RESULT_CHOICES: readonly (readonly [string, string])[] = [
  ['', 'any'],
  ...Object.entries(RESULTS).map(([result, [, text]]) => [result, text] as const),
];

/** What the address asks for; what makes no sense there counts as left out. */
export function wantedCalls(query: URLSearchParams, now: Date): WantedCalls {
  const text = (name: string) => query.get(name) ?? '';
  const one = <T extends string>(name: string, of: readonly (readonly [string, string])[], otherwise: T) =>
    (of.some(([value]) => value === text(name)) ? text(name) : otherwise) as T;
  const until = isDay(text('until')) ? text('until') : day(now);
  const first = isDay(text('since')) ? text('since') : daysBefore(until, DAYS - 1);
  return {
    account: text('account'),
    direction: one<Direction | ''>('direction', WAYS, ''),
    result: one<CdrResult | ''>('result', RESULT_CHOICES, ''),
    ...{ carrier: text('carrier'), cause: text('cause'), country: text('country') },
    number: text('number'),
    since: first <= until ? first : until,
    until,
    span: one<Span>('span', SPANS, 'day'),
    by: one<Dimension>('by', DIMENSIONS, 'cause'),
  };
}

/** What a list and a stream of records are asked for. */
export function recordFilter({ since, until, ...rest }: WantedCalls) {
  return {
    ...sharedFilter(rest),
    since: new Date(`${since}T00:00:00`).toISOString(),
    until: new Date(`${dayAfter(until)}T00:00:00`).toISOString(),
  };
}

/** What sums are asked for, on the calendar of this machine. */
export function sumFilter({ since, until, ...rest }: WantedCalls) {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return { ...sharedFilter(rest), from: since, to: dayAfter(until), timeZone };
}

function sharedFilter({
  account,
  direction,
  result,
  carrier,
  cause,
  country,
  number,
}: Omit<WantedCalls, 'since' | 'until' | 'span' | 'by'>) {
  return {
    ...(account === '' ? {} : { account }),
    ...(direction === '' ? {} : { direction }),
    ...(result === '' ? {} : { result }),
    ...(carrier === '' ? {} : { carrier }),
    ...(cause === '' ? {} : { cause }),
    ...(country === '' ? {} : { country }),
    ...numberFilter(number),
  };
}

/** The fields by which calls are found and summed. */
export function CallFilterForm({
  wanted: asked,
  onFilter,
}: {
  readonly wanted: WantedCalls;
  readonly onFilter: (wanted: WantedCalls) => void;
}) {
  const [wanted, setWanted] = useState(asked);
  useEffect(() => setWanted(asked), [JSON.stringify(asked)]);
  const field = (name: keyof WantedCalls) => ({
    value: wanted[name],
    onInput: (value: string) => setWanted({ ...wanted, [name]: value }),
  });
  return (
    <Form label="Which calls" inline onSubmit={() => onFilter({ ...wanted, number: plainNumber(wanted.number) })}>
      <AccountField {...field('account')} />
      <SelectField label="Way" options={WAYS} {...field('direction')} />
      <SelectField label="Result" options={RESULT_CHOICES} {...field('result')} />
      <TextField label="Number" placeholder="+4930*" {...field('number')} />
      <SeenFields field={field} />
      <TextField label="From day" type="date" {...field('since')} />
      <TextField label="To day" type="date" {...field('until')} />
      <SelectField label="Chart by" options={SPANS} {...field('span')} />
      <SelectField label="Sums by" options={DIMENSIONS} {...field('by')} />
      <p class="actions">
        <Button kind="main" type="submit">
          Find
        </Button>
      </p>
    </Form>
  );
}
