import { useAccountNames } from '../accounts.ts';
import { Empty, Loading, Notice, PageHead, Panel } from '../components/index.ts';
import { RESULTS } from '../components/state.tsx';
import { day, words } from '../format.ts';
import { placeName } from '../places.ts';
import { METRICS, type MetricName, type Naming } from '../report-figures.ts';
import { reportPlace, reportQuery, type WantedReport, wantedReport } from '../report-query.ts';
import { go, href, usePlace } from '../router.ts';
import { useLoad } from '../session.tsx';
import { ReportForm } from './reports/form.tsx';
import { ReportLines } from './reports/lines.tsx';
import { SavedReports } from './reports/saved.tsx';

/** Sums of calls as a person asks for them, as a chart, a table and a file; and the questions that were saved. */
export function Reports() {
  const { query } = usePlace();
  const wanted = wantedReport(query, day(new Date()));
  const metric = metricOf(query.get('show') ?? '', wanted);
  const nameOf = useNames();
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const asked = reportQuery(wanted, zone);
  const report = useLoad((admin) => admin.cdrSummary(asked), [JSON.stringify(asked)]);
  const show = (next: WantedReport, shown: MetricName = metric) =>
    go(href('/reports', {}, { ...reportPlace(next), show: shown === 'cdrs' ? '' : shown }), 'replace');
  return (
    <>
      <PageHead title="Reports" />
      <Panel title="What to count">
        <ReportForm wanted={wanted} onAsk={show} />
      </Panel>
      <Panel title="What it came to">
        <Loading from={report}>
          {(summary) =>
            summary.items.length === 0 ? (
              <Empty title="No record is like that">
                <p>Choose other days, or leave out a part of the filter.</p>
              </Empty>
            ) : (
              <>
                <ReportLines
                  summary={summary}
                  wanted={wanted}
                  metric={metric}
                  nameOf={nameOf}
                  onMetric={(next) => show(wanted, next)}
                />
                {summary.source === 'sums' ? null : (
                  <Notice>
                    Counted from the records themselves: what their retention has taken away is not in it.
                  </Notice>
                )}
              </>
            )
          }
        </Loading>
      </Panel>
      <SavedReports query={asked} onOpen={show} />
    </>
  );
}

/** What the chart shows, when there is such a thing. */
function metricOf(text: string, { percentiles }: WantedReport): MetricName {
  if (!Object.hasOwn(METRICS, text)) return 'cdrs';
  const timed = text === 'connect' || text === 'open';
  return timed && !percentiles ? 'cdrs' : (text as MetricName);
}

/** What lines are called. */
function useNames(): Naming {
  const accountName = useAccountNames();
  return (by, sum) => {
    switch (by) {
      case 'account':
        return accountName(sum.account);
      case 'country':
        return sum.country === '' || sum.country === null ? 'country not known' : placeName(sum.country);
      case 'direction':
        return sum.direction === 'inbound' ? 'received' : 'sent';
      case 'result':
        return sum.result === null ? '–' : RESULTS[sum.result][1];
      case 'cause':
        return sum.cause === 'ok' ? 'all went well' : words(sum.cause ?? '–');
      case 'carrier':
        return sum.carrier === '' ? 'no call was placed' : (sum.carrier ?? '–');
      case 'number':
        return sum.number === '' ? 'no number was given' : (sum.number ?? '–');
      case 'user':
        return sum.user === '' ? 'nobody: received' : (sum.user ?? '–');
    }
  };
}
