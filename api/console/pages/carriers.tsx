import type { Carrier, CarrierHealth } from '../../client/browser.ts';
import { Loading, Mark, Notice, PageHead, Panel, Table } from '../components/index.ts';
import { count, duration, share } from '../format.ts';
import { href } from '../router.ts';
import { useLoad } from '../session.tsx';

/** Milliseconds between two looks at the load. */
const LOOK = 5_000;

/** All ways out: how busy they are, and how well they work. */
export function Carriers() {
  const carriers = useLoad((admin) => Promise.all([admin.carriers(), admin.carrierHealth()]), [], { every: LOOK });
  return (
    <>
      <PageHead title="Carriers">
        <a href={href('/purges')}>Copies at carriers</a>
      </PageHead>
      <Panel title="Load and health">
        <Loading from={carriers}>{([items, health]) => <CarrierTable carriers={items} health={health} />}</Loading>
      </Panel>
      <Notice>
        Carriers, their trunks and their limits are settings of the gateway (SEALFAX_CARRIERS); what may be done at any
        time is here: pause one, take one up again, close its breaker.
      </Notice>
    </>
  );
}

function CarrierTable({ carriers, health }: { carriers: readonly Carrier[]; health: readonly CarrierHealth[] }) {
  const of = (name: string) => health.find((one) => one.name === name);
  return (
    <Table
      caption="Carriers; figures are of the outbound calls of the last stretch of time"
      rows={carriers}
      rowKey={({ name }) => name}
      columns={[
        { heading: 'Carrier', cell: ({ name }) => <a href={href('/carriers/:name', { name })}>{name}</a> },
        { heading: 'Kind', cell: ({ kind }) => kind, wide: true },
        { heading: 'State', cell: (carrier) => <CarrierState carrier={carrier} health={of(carrier.name)} /> },
        { heading: 'Calls', end: true, cell: ({ calls, maxCalls }) => load(calls, maxCalls) },
        { heading: 'Waiting', end: true, cell: ({ waiting }) => count(waiting) },
        { heading: 'Delivered', end: true, cell: ({ name }) => share(of(name)?.rates.delivered) },
        { heading: 'Faults', end: true, cell: ({ name }) => share(of(name)?.rates.faults), wide: true },
        { heading: 'Answer', end: true, cell: ({ name }) => duration(of(name)?.figures.answerMedian), wide: true },
      ]}
    />
  );
}

/** `3 of 30`; without a limit the number alone. */
export function load(calls: number, maxCalls: number | null): string {
  return maxCalls === null ? count(calls) : `${count(calls)} of ${count(maxCalls)}`;
}

/** Whether a carrier gets calls; a pause by hand stands before what its breaker says. */
export function CarrierState({ carrier, health }: { carrier: Carrier; health: CarrierHealth | undefined }) {
  if (carrier.paused !== null) return <Mark kind="warning">paused</Mark>;
  switch (health?.breaker.phase) {
    case 'open':
      return <Mark kind="bad">left alone</Mark>;
    case 'trial':
      return <Mark kind="busy">on trial</Mark>;
    default:
      return <Mark kind="good">gets calls</Mark>;
  }
}
