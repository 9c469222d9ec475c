import type { CarrierTerms, RouteRule } from '../../client/browser.ts';
import { Loading, Mark, PageHead, Panel, Table } from '../components/index.ts';
import { href } from '../router.ts';
import { useLoad } from '../session.tsx';
import { ExplainRoute } from './explain-route.tsx';

/** The rules by which calls find their carriers, and why a call would go the way that it would go. */
export function Routes() {
  const table = useLoad((admin) => admin.routes(), []);
  return (
    <>
      <PageHead title="Routes" />
      <ExplainRoute />
      <Loading from={table}>
        {({ items, carriers }) => (
          <>
            <Rules rules={items} />
            <Terms carriers={carriers} />
          </>
        )}
      </Loading>
    </>
  );
}

function Rules({ rules }: { readonly rules: readonly RouteRule[] }) {
  return (
    <Panel title="Rules">
      <p class="quiet">
        One rule decides a call: those for its account come first, of these the one with the longest prefix. They are
        settings of the gateway (SEALFAX_ROUTES).
      </p>
      <Table
        caption="Rules in the order of the settings"
        quiet
        empty={<p class="empty">No rules: every carrier is asked in the order of the settings.</p>}
        rows={rules}
        rowKey={({ name }) => name}
        columns={[
          { heading: 'Rule', cell: ({ name }) => name },
          { heading: 'Numbers', cell: ({ prefixes }) => prefixes.join(', ') },
          { heading: 'Accounts', cell: ({ accounts }) => listed(accounts, 'everybody') },
          { heading: 'Times', cell: ({ windows }) => windowsOf(windows), wide: true },
          {
            heading: 'Now',
            cell: ({ holds }) => (holds ? <Mark kind="good">holds</Mark> : <Mark kind="idle">rests</Mark>),
          },
          { heading: 'Carriers', cell: ({ carriers }) => listed(carriers, 'all') },
          { heading: 'Order', cell: ({ order }) => (order === 'listed' ? 'as listed' : 'cheapest first') },
          { heading: 'Tags needed', cell: ({ tags }) => listed(tags, '–'), wide: true },
        ]}
      />
    </Panel>
  );
}

/** `mon–fri 20:00 to 07:00 (Europe/Berlin)`. */
function windowsOf(windows: RouteRule['windows']): string {
  const told = windows.map(({ days, from, to, zone }) => `${days.join(' ')} ${from} to ${to} (${zone})`);
  return listed(told, 'always');
}

function listed(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.join(', ');
}

function Terms({ carriers }: { readonly carriers: readonly CarrierTerms[] }) {
  return (
    <Panel title="What may go over the carriers">
      <Table
        caption="Tags of carriers, and the sender’s number that they show"
        quiet
        rows={carriers}
        rowKey={({ name }) => name}
        columns={[
          { heading: 'Carrier', cell: ({ name }) => <a href={href('/carriers/:name', { name })}>{name}</a> },
          { heading: 'Tags', cell: ({ tags }) => listed(tags, '–') },
          { heading: 'Sender’s number', cell: ({ callerId }) => callerIdOf(callerId) },
        ]}
      />
    </Panel>
  );
}

function callerIdOf({ rule, shows, numbers }: CarrierTerms['callerId']): string {
  if (rule === 'pass') return 'as the sender has it';
  if (rule === 'fixed') return `always ${shows ?? 'none'}`;
  const others = shows === null ? 'no calls from others' : `${shows} for others`;
  return `only ${listed(numbers, 'none')}; ${others}`;
}
