import { useState } from 'preact/hooks';
import type { Admin, Cdr, CdrResult, CdrSum, CdrSummary } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import { spanOf, spansBetween } from '../calendar.ts';
import { CallFilterForm, recordFilter, sumFilter, type WantedCalls, wantedCalls } from '../cdr-filter.tsx';
import {
  BarChart,
  Button,
  ButtonLink,
  Empty,
  Figure,
  Loading,
  More,
  Outcome,
  PageHead,
  Panel,
  Table,
  Time,
  usePaged,
} from '../components/index.ts';
import { RESULTS, ResultMark } from '../components/state.tsx';
import { giveFile } from '../download.ts';
import { count, counted, day, duration, money, share, words } from '../format.ts';
import { placeName } from '../places.ts';
import { labelOf } from '../report-figures.ts';
import { go, href, usePlace } from '../router.ts';
import { useAct, useLoad } from '../session.tsx';

/** Call detail records: sums with a chart, the records themselves, and both as files. */
export function Calls() {
  const { query } = usePlace();
  const wanted = wantedCalls(query, new Date());
  const asked = JSON.stringify(wanted);
  const sums = useLoad((admin) => sumsOf(admin, wanted), [asked]);
  const records = usePaged((admin, cursor) => admin.cdrs({ ...recordFilter(wanted), limit: 50, ...cursor }), [asked]);
  return (
    <>
      <PageHead title="Calls">
        <ButtonLink to={href('/reports')}>Reports</ButtonLink>
      </PageHead>
      <Panel title="Which calls">
        <CallFilterForm wanted={wanted} onFilter={(next) => go(href('/calls', {}, { ...next }), 'replace')} />
      </Panel>
      <Panel title="Sums">
        <Loading from={sums}>{(read) => <Sums sums={read} wanted={wanted} />}</Loading>
      </Panel>
      <Panel title="Records, the newest first" aside={<Files wanted={wanted} />}>
        <RecordTable records={records.items} loading={records.loading} />
        <More of={records} />
      </Panel>
    </>
  );
}

/** What is summed of the same calls in three ways. */
interface SumsRead {
  readonly total: CdrSummary;
  readonly bySpan: CdrSummary;
  readonly byDimension: CdrSummary;
}

async function sumsOf(admin: Admin, wanted: WantedCalls): Promise<SumsRead> {
  const filter = sumFilter(wanted);
  const [total, bySpan, byDimension] = await Promise.all([
    admin.cdrSummary({ ...filter, group: 'total', percentiles: true }),
    admin.cdrSummary({ ...filter, group: wanted.span, by: ['result'] }),
    admin.cdrSummary({ ...filter, group: 'total', by: [wanted.by] }),
  ]);
  return { total, bySpan, byDimension };
}

function Sums({ sums, wanted }: { readonly sums: SumsRead; readonly wanted: WantedCalls }) {
  const { currency, items } = sums.total;
  const [total] = items;
  if (total === undefined) {
    return (
      <Empty title="No call in this time">
        <p>Choose other days, or leave out a part of the filter.</p>
      </Empty>
    );
  }
  return (
    <>
      <div class="figures">
        <Figure value={count(total.calls)} label="calls" />
        <Figure value={share(total.successRate)} label="delivered" />
        <Figure value={count(total.pages)} label="pages on paper" />
        <Figure value={duration(total.billableSeconds * 1_000)} label="billable time" />
        <Cost total={total} currency={currency} />
        <Figure value={duration(total.connect?.p50)} label="to the answer, half of all calls" />
        <Figure value={duration(total.connect?.p95)} label="to the answer, 95 of 100" />
      </div>
      <SpanChart sums={sums.bySpan} wanted={wanted} />
      <DimensionTable sums={sums.byDimension} wanted={wanted} />
    </>
  );
}

/** Nothing is known of what these calls cost. */
const isUnpriced = ({ billableCalls, unpricedCalls }: CdrSum) => unpricedCalls > 0 && unpricedCalls === billableCalls;

function Cost({ total, currency }: { readonly total: CdrSum; readonly currency: string }) {
  const { cost, unpricedCalls } = total;
  if (isUnpriced(total)) return <Figure value="–" label="prices are not known" />;
  const without = unpricedCalls === 0 ? '' : `, without ${counted(unpricedCalls, 'call')} of unknown price`;
  return <Figure value={money(cost, currency)} label={`cost${without}`} />;
}

function SpanChart({ sums: { items }, wanted }: { readonly sums: CdrSummary; readonly wanted: WantedCalls }) {
  const { since, until, span } = wanted;
  const spans = spansBetween(since, until, span);
  const series = Object.entries(RESULTS).map(([result, [, name]]) => {
    const own = items.filter((sum) => sum.result === (result as CdrResult));
    const found = new Map(own.map((sum) => [spanOf(day(new Date(sum.start)), span), sum.cdrs]));
    return { name, values: spans.map((one) => found.get(one) ?? 0) };
  });
  return (
    <BarChart title={`Calls by ${span} and result`} labels={spans.map((one) => labelOf(one, spans))} series={series} />
  );
}

const HEADINGS: Readonly<Record<WantedCalls['by'], string>> = {
  account: 'Account',
  carrier: 'Carrier',
  country: 'Country',
  cause: 'Cause',
  direction: 'Way',
};

function DimensionTable({
  sums: { items, currency },
  wanted,
}: {
  readonly sums: CdrSummary;
  readonly wanted: WantedCalls;
}) {
  const { by } = wanted;
  const nameOf = useAccountNames();
  const rows = [...items].sort((a, b) => b.cdrs - a.cdrs);
  // A line leads to its records, where it names something that they can be found by.
  const linked = (sum: CdrSum) => {
    const value = sum[wanted.by];
    if (value === null || value === '') return label(sum);
    return <a href={href('/calls', {}, { ...wanted, [wanted.by]: value })}>{label(sum)}</a>;
  };
  const label = (sum: CdrSum) => {
    if (by === 'account') return nameOf(sum.account);
    if (by === 'country') return sum.country === '' || sum.country === null ? 'not known' : placeName(sum.country);
    if (by === 'direction') return sum.direction === 'inbound' ? 'received' : 'sent';
    if (by === 'cause') return words(sum.cause ?? '–');
    return sum.carrier === '' ? 'no call was placed' : (sum.carrier ?? '–');
  };
  return (
    <Table
      caption={`Sums by ${HEADINGS[by].toLowerCase()}`}
      rows={rows}
      rowKey={label}
      columns={[
        { heading: HEADINGS[by], cell: linked },
        { heading: 'Calls', end: true, cell: ({ cdrs }) => count(cdrs) },
        { heading: 'Delivered', end: true, cell: ({ successRate }) => share(successRate) },
        { heading: 'Pages', end: true, cell: ({ pages }) => count(pages) },
        {
          heading: 'Billable',
          end: true,
          cell: ({ billableSeconds }) => duration(billableSeconds * 1_000),
          wide: true,
        },
        { heading: 'Cost', end: true, cell: (sum) => (isUnpriced(sum) ? '–' : money(sum.cost, currency)) },
      ]}
    />
  );
}

/** The whole selection as a file, in the forms that the gateway streams. */
function Files({ wanted }: { readonly wanted: WantedCalls }) {
  const act = useAct();
  const [octets, setOctets] = useState(0);
  const save = (form: 'csv' | 'jsonl') =>
    act.run(async (admin) => {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const part of admin.cdrStream(form, recordFilter(wanted))) {
        parts.push(part.slice());
        size += part.length;
        setOctets(size);
      }
      giveFile(`calls-${wanted.since}-to-${wanted.until}.${form}`, FORMS[form], parts);
      return `${count(size)} bytes are saved.`;
    });
  return (
    <div class="actions" aria-live="polite">
      {act.busy ? <span class="quiet">{count(octets)} bytes so far…</span> : <Outcome act={act} />}
      <Button busy={act.busy} label="Save all as CSV" onPress={() => void save('csv')}>
        CSV
      </Button>
      <Button busy={act.busy} label="Save all as JSON Lines" onPress={() => void save('jsonl')}>
        JSON Lines
      </Button>
    </div>
  );
}

const FORMS = { csv: 'text/csv', jsonl: 'application/jsonl' } as const;

function RecordTable({ records, loading }: { readonly records: readonly Cdr[]; readonly loading: boolean }) {
  const nameOf = useAccountNames();
  if (loading && records.length === 0) return null;
  return (
    <Table
      caption="Call detail records"
      quiet
      rows={records}
      rowKey={({ id }) => id}
      empty={<Empty title="No record is like that" />}
      columns={[
        { heading: 'Ended', cell: (cdr) => <a href={placeOf(cdr)}>{<Time at={cdr.endedAt} />}</a> },
        { heading: 'Result', cell: ({ result }) => <ResultMark result={result} /> },
        { heading: 'Why', cell: whyOf },
        { heading: 'Account', cell: ({ account }) => nameOf(account), wide: true },
        { heading: 'Carrier', cell: ({ carrier }) => carrier ?? '–' },
        { heading: 'From', cell: ({ from }) => from ?? '–', wide: true },
        { heading: 'To', cell: ({ to }) => to },
        { heading: 'Pages', end: true, cell: ({ pagesSent }) => count(pagesSent) },
        { heading: 'Length', end: true, cell: (cdr) => duration(cdr.duration), wide: true },
        { heading: 'Cost', end: true, cell: (cdr) => money(cdr.cost, cdr.currency ?? 'EUR'), wide: true },
      ]}
    />
  );
}

/** A record without a call belongs to its fax alone. */
const placeOf = ({ call, fax }: Cdr) =>
  call === null ? href('/faxes/:id', { id: fax }) : href('/calls/:id', { id: call });

function whyOf({ cause, detail }: Cdr) {
  if (cause === 'ok') return '–';
  return (
    <>
      {words(cause)}
      {detail === '' ? null : <span class="wide"> ({detail})</span>}
    </>
  );
}
