import type { CdrDimension, CdrSum, CdrSummary } from '../../../client/browser.ts';
import { daysBefore } from '../../calendar.ts';
import { BarChart, Button, type Column, Figure, Form, LineChart, SelectField, Table } from '../../components/index.ts';
import { giveFile } from '../../download.ts';
import { count, counted, duration, money, share } from '../../format.ts';
import { chartOf, METRICS, type MetricName, type Naming, spanText } from '../../report-figures.ts';
import { reportCsv } from '../../report-file.ts';
import type { WantedReport } from '../../report-query.ts';
import { href } from '../../router.ts';

/** Lines that a page draws; a file has them all. */
const MOST_LINES = 500;

/** What a report came to: sums of everything, a chart, a line for each sum, and the file. */
export function ReportLines({
  summary,
  wanted,
  metric,
  nameOf,
  onMetric,
}: {
  readonly summary: CdrSummary;
  readonly wanted: WantedReport;
  readonly metric: MetricName;
  readonly nameOf: Naming;
  readonly onMetric: (metric: MetricName) => void;
}) {
  const { items, currency } = summary;
  const { group, by, and } = wanted;
  const { text, kind } = METRICS[metric];
  const chart = chartOf(summary, { group, by, and, metric, nameOf });
  const title = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  const parts = {
    ...chart,
    title: group === 'total' ? title : `${title}, by ${group}`,
    write: writer(metric, currency),
    ...(kind === 'part' ? { most: 1 } : {}),
  };
  const choices = Object.entries(METRICS).flatMap(([name, { text }]) =>
    (name === 'connect' || name === 'open') && !wanted.percentiles ? [] : [[name, text] as const],
  );
  return (
    <>
      {wanted.top === '' ? <Totals summary={summary} /> : null}
      <Form label="Chart" inline onSubmit={() => undefined}>
        <SelectField
          label="Chart of"
          options={choices}
          value={metric}
          onInput={(value) => onMetric(value as MetricName)}
        />
      </Form>
      {kind === 'sum' || group === 'total' ? <BarChart {...parts} /> : <LineChart {...parts} />}
      <div class="panel-head">
        <h3>{counted(items.length, 'line')}</h3>
        <div class="actions">
          <Button label="Save this report as CSV" onPress={() => saveCsv(summary, wanted)}>
            CSV
          </Button>
          <Button label="Save this report as JSON Lines" onPress={() => saveLines(summary)}>
            JSON Lines
          </Button>
        </div>
      </div>
      <LineTable summary={summary} wanted={wanted} nameOf={nameOf} />
      {items.length > MOST_LINES ? (
        <p class="quiet">The first {count(MOST_LINES)} lines are shown; the files have all of them.</p>
      ) : null}
    </>
  );
}

/** How values of a chart are written. */
function writer(metric: MetricName, currency: string): (value: number) => string {
  switch (metric) {
    case 'success':
      return share;
    case 'cost':
      return (value) => money(value, currency);
    case 'billable':
    case 'connect':
    case 'open':
      return duration;
    case 'cdrs':
    case 'pages':
      return count;
  }
}

function Totals({ summary: { items, currency } }: { readonly summary: CdrSummary }) {
  const sum = (of: (one: CdrSum) => number) => items.reduce((all, one) => all + of(one), 0);
  const records = sum(({ cdrs }) => cdrs);
  const unpriced = sum(({ unpricedCalls }) => unpricedCalls);
  const without = unpriced === 0 ? '' : `, without ${counted(unpriced, 'call')} of unknown price`;
  const isKnown = unpriced === 0 || unpriced < sum(({ billableCalls }) => billableCalls);
  return (
    <div class="figures">
      <Figure value={count(records)} label="records" />
      <Figure value={share(records === 0 ? null : sum(({ delivered }) => delivered) / records)} label="delivered" />
      <Figure value={count(sum(({ pages }) => pages))} label="pages on paper" />
      <Figure value={duration(sum(({ billableSeconds }) => billableSeconds) * 1_000)} label="billable time" />
      {isKnown ? (
        <Figure
          value={money(
            sum(({ cost }) => cost),
            currency,
          )}
          label={`cost${without}`}
        />
      ) : (
        <Figure value="–" label="prices are not known" />
      )}
    </div>
  );
}

const HEADINGS: Readonly<Record<CdrDimension, string>> = {
  account: 'Account',
  user: 'User',
  direction: 'Way',
  number: 'Number',
  country: 'Country',
  carrier: 'Carrier',
  result: 'Result',
  cause: 'Cause',
};

function LineTable({
  summary,
  wanted,
  nameOf,
}: {
  readonly summary: CdrSummary;
  readonly wanted: WantedReport;
  readonly nameOf: Naming;
}) {
  const { items, currency } = summary;
  const { group, by, and, percentiles } = wanted;
  const dimensions = [by, and].filter((name) => name !== '');
  const dimension = (name: CdrDimension): Column<CdrSum> => ({
    heading: HEADINGS[name],
    cell: (sum) => {
      const to = recordsOf(summary, wanted, name, sum);
      return to === undefined ? nameOf(name, sum) : <a href={to}>{nameOf(name, sum)}</a>;
    },
  });
  const time = (heading: string, of: (sum: CdrSum) => number | undefined): Column<CdrSum> => ({
    ...{ heading, end: true, wide: true },
    cell: (sum) => duration(of(sum)),
  });
  const columns: Column<CdrSum>[] = [
    ...(group === 'total' && by !== ''
      ? []
      : [
          {
            heading: 'From',
            cell: ({ start }: CdrSum) => <span class="one-line">{spanText(summary, group, start)}</span>,
          },
        ]),
    ...dimensions.map(dimension),
    { heading: 'Records', end: true, cell: ({ cdrs }) => count(cdrs) },
    { heading: 'Delivered', end: true, cell: ({ successRate }) => share(successRate) },
    { heading: 'Pages', end: true, cell: ({ pages }) => count(pages) },
    { heading: 'Billable', end: true, wide: true, cell: (sum) => duration(sum.billableSeconds * 1_000) },
    { heading: 'Cost', end: true, cell: (sum) => (isUnpriced(sum) ? '–' : money(sum.cost, currency)) },
    ...(percentiles
      ? [
          time('Answer, half', ({ connect }) => connect?.p50),
          time('Answer, 95 %', ({ connect }) => connect?.p95),
          time('Open, half', ({ open }) => open?.p50),
          time('Open, 95 %', ({ open }) => open?.p95),
        ]
      : []),
  ];
  return (
    <Table
      caption="Sums"
      quiet
      rows={items.slice(0, MOST_LINES)}
      rowKey={(sum) => [sum.start, ...dimensions.map((name) => sum[name])].join('/')}
      columns={columns}
    />
  );
}

/** Where the records of a line are, where it names something that they can be found by. */
function recordsOf(
  { from, to }: CdrSummary,
  wanted: WantedReport,
  name: CdrDimension,
  sum: CdrSum,
): string | undefined {
  const value = sum[name];
  // A number of which only the end may be seen finds nothing.
  if (value === null || value === '' || name === 'user' || value.includes('•')) return undefined;
  const { account, direction, result, carrier, cause, country, number } = wanted;
  const filter = { account, direction, result, carrier, cause, country, number };
  return href('/calls', {}, { ...filter, [name]: value, since: from, until: daysBefore(to, 1) });
}

/** Nothing is known of what these calls cost. */
const isUnpriced = ({ billableCalls, unpricedCalls }: CdrSum) => unpricedCalls > 0 && unpricedCalls === billableCalls;

const fileName = ({ from, to }: CdrSummary, end: string) => `report-${from}-before-${to}.${end}`;

function saveCsv(summary: CdrSummary, wanted: WantedReport): void {
  giveFile(fileName(summary, 'csv'), 'text/csv', [new TextEncoder().encode(reportCsv(summary, wanted))]);
}

function saveLines(summary: CdrSummary): void {
  const text = summary.items.map((sum) => `${JSON.stringify(sum)}\n`).join('');
  giveFile(fileName(summary, 'jsonl'), 'application/jsonl', [new TextEncoder().encode(text)]);
}
