import type { Alert } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import { placeOfAlert } from '../alerts.ts';
import { Empty, Loading, PageHead, Panel, Table, Time } from '../components/index.ts';
import { counted } from '../format.ts';
import { href } from '../router.ts';
import { useLoad } from '../session.tsx';

/** How often the page reads. Milliseconds. */
const EVERY = 15_000;

/** Everything that waits for a person, and what to do about it. */
export function Alerts() {
  const alerts = useLoad((admin) => admin.alerts(), [], { every: EVERY });
  return (
    <>
      <PageHead title="Alerts" />
      <Loading from={alerts}>
        {(items) => (
          <>
            <AlertPanel
              title="Does not work"
              alerts={items.filter(({ level }) => level === 'fault')}
              none="Nothing is broken."
            />
            <AlertPanel
              title="Look at it"
              alerts={items.filter(({ level }) => level === 'warning')}
              none="Nothing waits for you."
            />
          </>
        )}
      </Loading>
      <p class="quiet">
        What is so at this moment, read again every {EVERY / 1_000} seconds. What was so before stands in the{' '}
        <a href={href('/audit')}>audit log</a>.
      </p>
    </>
  );
}

function AlertPanel({
  title,
  alerts,
  none,
}: {
  readonly title: string;
  readonly alerts: readonly Alert[];
  readonly none: string;
}) {
  const nameOf = useAccountNames();
  return (
    <Panel title={title}>
      <Table
        caption={counted(alerts.length, 'alert')}
        quiet
        rows={alerts}
        rowKey={({ code, object, account }) => [code, object, account].join('/')}
        empty={<Empty title={none} />}
        columns={[
          {
            heading: 'What',
            cell: (alert) => <a href={placeOfAlert(alert)}>{alert.title}</a>,
          },
          { heading: 'What to do', cell: ({ advice }) => advice },
          { heading: 'Account', cell: ({ account }) => (account === null ? '–' : nameOf(account)), wide: true },
          { heading: 'Since', cell: ({ since }) => <Time at={since} ago />, wide: true },
        ]}
      />
    </Panel>
  );
}
