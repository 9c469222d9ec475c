import type { Carrier, CarrierHealth, Overview } from '../../client/browser.ts';
import { alertsOfTheHour } from '../alerts.ts';
import { AlertNotes } from '../components/alert.tsx';
import { BarChart, Empty, Figure, Loading, Mark, PageHead, Panel, Table } from '../components/index.ts';
import { dayFigures, hourFigures } from '../day-figures.ts';
import { count, duration, share } from '../format.ts';
import { href } from '../router.ts';
import { useLoad, useSession } from '../session.tsx';
import { FirstFax } from './first-fax.tsx';

/** How far back the chart goes, and how often the page reads. Hours; milliseconds. */
const HOURS = 24;
const EVERY = 10_000;

/** How the service is at this moment, and what waits for a person. */
export function Dashboard() {
  const overview = useLoad((admin) => admin.overview({ hours: HOURS }), [], { every: EVERY });
  const { me } = useSession();
  const alerts = useLoad((admin) => admin.alerts(), [], { every: EVERY });
  const accounts = useLoad((admin) => admin.accounts(), []);
  return (
    <>
      <PageHead title="Dashboard" />
      <Loading from={alerts}>
        {(items) => <AlertNotes label="What waits for you" alerts={alertsOfTheHour(items)} />}
      </Loading>
      <Loading from={overview}>
        {(seen) => (
          <>
            {accounts.value !== undefined && isNew(seen) ? <FirstFax accounts={accounts.value} /> : null}
            <Today overview={seen} />
            <Panel title="Calls in the last 24 hours">
              <Hours overview={seen} />
            </Panel>
          </>
        )}
      </Loading>
      <div class="columns">
        <Panel title="At this moment" aside={<a href={href('/live')}>Live view</a>}>
          <Loading from={overview}>{(seen) => <States overview={seen} />}</Loading>
        </Panel>
        {me.scope === null ? <CarrierPanel /> : null}
      </div>
    </>
  );
}

/** Nothing is under way and nothing has ended lately: perhaps nobody has sent a fax yet. */
const isNew = ({ hours, states }: Overview) => hours.length === 0 && Object.keys(states).length === 0;

function CarrierPanel() {
  const carriers = useLoad((admin) => Promise.all([admin.carriers(), admin.carrierHealth()]), [], { every: EVERY });
  return (
    <Panel title="Carriers" aside={<a href={href('/carriers')}>All about them</a>}>
      <Loading from={carriers}>{([loads, health]) => <Carriers carriers={loads} health={health} />}</Loading>
    </Panel>
  );
}

function Today({ overview }: { readonly overview: Overview }) {
  const { sent, received, success, pages, failed } = dayFigures(overview);
  return (
    <section class="figures" aria-label="Today">
      <Figure value={count(sent)} label="delivered today" to={href('/faxes', {}, { state: 'delivered' })} />
      <Figure value={share(success)} label="of calls succeeded" to={href('/calls')} />
      <Figure value={count(failed)} label="calls failed" to={href('/calls', {}, { result: 'failed' })} />
      <Figure value={count(received)} label="received today" to={href('/faxes', {}, { direction: 'inbound' })} />
      <Figure value={count(pages)} label="pages on paper" />
    </section>
  );
}

function Hours({ overview }: { readonly overview: Overview }) {
  if (overview.hours.length === 0)
    return <Empty title="No call has ended in the last 24 hours.">They show up here within seconds.</Empty>;
  const { labels, series } = hourFigures(overview, HOURS);
  return <BarChart title="Calls that ended, by hour and result" labels={labels} series={series} />;
}

/** States in the order of a fax's life, and what they mean to an operator. */
const STATES = [
  ['accepted', 'taken in'],
  ['rendering', 'becoming fax pages'],
  ['held', 'held for an approval'],
  ['queued', 'waiting for a call'],
  ['dialing', 'dialing'],
  ['sending', 'sending'],
  ['uncertain', 'uncertain: somebody has to decide'],
  ['ringing', 'ringing in'],
  ['receiving', 'receiving'],
  ['received', 'received, not fetched yet'],
] as const;

function States({ overview: { states } }: { readonly overview: Overview }) {
  const rows = STATES.flatMap(([state, text]) => {
    const faxes = states[state];
    return faxes === undefined ? [] : [{ state, text, faxes }];
  });
  return (
    <Table
      caption="Unfinished faxes by state"
      quiet
      rows={rows}
      rowKey={({ state }) => state}
      empty={<Empty title="Nothing is under way.">No fax waits, and no call is in progress.</Empty>}
      columns={[
        { heading: 'State', cell: ({ state, text }) => <a href={href('/faxes', {}, { state })}>{text}</a> },
        { heading: 'Faxes', end: true, cell: ({ faxes }) => count(faxes) },
      ]}
    />
  );
}

function Carriers({
  carriers,
  health,
}: {
  readonly carriers: readonly Carrier[];
  readonly health: readonly CarrierHealth[];
}) {
  const healthOf = (name: string) => health.find((one) => one.name === name);
  return (
    <Table
      caption="Carriers: what they do and how well"
      quiet
      rows={carriers}
      rowKey={({ name }) => name}
      empty={<Empty title="There is no carrier.">Faxes wait until the settings name one.</Empty>}
      columns={[
        { heading: 'Carrier', cell: ({ name }) => <a href={href('/carriers/:name', { name })}>{name}</a> },
        { heading: 'State', cell: ({ name, paused }) => <CarrierState paused={paused !== null} of={healthOf(name)} /> },
        {
          heading: 'Calls',
          end: true,
          cell: ({ calls, maxCalls }) => (maxCalls === null ? count(calls) : `${count(calls)} of ${count(maxCalls)}`),
        },
        { heading: 'Waiting', end: true, wide: true, cell: ({ waiting }) => count(waiting) },
        { heading: 'Delivered', end: true, cell: ({ name }) => share(healthOf(name)?.rates.delivered) },
        {
          heading: 'To answer',
          end: true,
          wide: true,
          cell: ({ name }) => duration(healthOf(name)?.figures.answerMedian),
        },
      ]}
    />
  );
}

/** Whether a carrier gets calls. */
function CarrierState({ paused, of }: { readonly paused: boolean; readonly of: CarrierHealth | undefined }) {
  if (paused) return <Mark kind="warning">paused</Mark>;
  const phase = of?.breaker.phase ?? 'closed';
  if (phase === 'open') return <Mark kind="bad">left alone</Mark>;
  return phase === 'trial' ? <Mark kind="busy">on trial</Mark> : <Mark kind="good">in use</Mark>;
}
