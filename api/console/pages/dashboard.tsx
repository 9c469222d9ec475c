import { Loading, Mark, PageHead, Panel, Table } from '../components/index.ts';
import { count } from '../format.ts';
import { useLoad } from '../session.tsx';

/** How the service is at this moment. */
export function Dashboard() {
  const carriers = useLoad((admin) => admin.carriers(), [], { every: 10_000 });
  return (
    <>
      <PageHead title="Dashboard" />
      <Panel title="Carriers">
        <Loading from={carriers}>
          {(items) => (
            <Table
              caption="Carriers and how busy they are"
              quiet
              rows={items}
              rowKey={({ name }) => name}
              columns={[
                { heading: 'Carrier', cell: ({ name }) => name },
                { heading: 'Calls', end: true, cell: ({ calls }) => count(calls) },
                { heading: 'Waiting', end: true, cell: ({ waiting }) => count(waiting) },
                {
                  heading: 'State',
                  cell: ({ paused }) =>
                    paused === null ? <Mark kind="good">open</Mark> : <Mark kind="warning">paused</Mark>,
                },
              ]}
            />
          )}
        </Loading>
      </Panel>
    </>
  );
}
