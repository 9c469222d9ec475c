import type { AdminFax, AdminFaxFilter, FaxState } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import { Button, ButtonLink, Empty, More, PageHead, Panel, Table, Time, usePaged } from '../components/index.ts';
import { FaxMark } from '../components/state.tsx';
import { FaxFilterForm } from '../fax-filter.tsx';
import { count, words } from '../format.ts';
import { go, href, usePlace } from '../router.ts';
import { may, useSession } from '../session.tsx';

/** Faxes of all accounts, the newest first. */
export function Faxes() {
  const { query } = usePlace();
  const { me } = useSession();
  const faxes = usePaged(
    (admin, cursor) => admin.faxes.list({ ...filterOf(query), limit: 50, ...cursor }),
    [query.toString()],
  );
  return (
    <>
      <PageHead title="Faxes">
        {may(me, 'operator') ? <ButtonLink to={href('/send')}>Send a fax</ButtonLink> : null}
        <Button busy={faxes.loading} onPress={faxes.reload}>
          Read again
        </Button>
      </PageHead>
      <Panel title="Which faxes">
        <FaxFilterForm query={query} onFilter={(wanted) => go(href('/faxes', {}, wanted), 'replace')} />
      </Panel>
      <Panel title="Faxes, the newest first">
        <FaxTable faxes={faxes.items} loading={faxes.loading} filtered={query.size > 0} />
        <More of={faxes} />
      </Panel>
    </>
  );
}

/** States that a filter names in one word: `unfinished`, or one of the gateway's own. */
const GROUPS: Readonly<Record<string, readonly FaxState[]>> = {
  unfinished: ['accepted', 'rendering', 'held', 'queued', 'dialing', 'sending', 'ringing', 'receiving'],
  ended_badly: ['failed', 'partial', 'uncertain'],
};

/** What the address asks for, in the words of the SDK. */
function filterOf(query: URLSearchParams): AdminFaxFilter {
  const text = (name: string) => query.get(name) ?? '';
  const state = text('state');
  const states = state === '' ? {} : { state: GROUPS[state] ?? [state as FaxState] };
  const direction = text('direction');
  const until = text('until');
  return {
    ...states,
    ...(direction === 'inbound' || direction === 'outbound' ? { direction } : {}),
    ...(text('account') === '' ? {} : { account: text('account') }),
    ...(text('number') === '' ? {} : { number: text('number') }),
    ...(text('tag') === '' ? {} : { tag: text('tag') }),
    ...(text('since') === '' ? {} : { since: dayStart(text('since'), 0) }),
    ...(until === '' ? {} : { until: dayStart(until, 1) }),
  };
}

/** The first moment of a day of this machine's calendar, or of one that is so many days later. */
function dayStart(day: string, later: number): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

function FaxTable({
  faxes,
  loading,
  filtered,
}: {
  readonly faxes: readonly AdminFax[];
  readonly loading: boolean;
  readonly filtered: boolean;
}) {
  const nameOf = useAccountNames();
  if (loading && faxes.length === 0) return null;
  return (
    <Table
      caption="Faxes that are like that"
      quiet
      rows={faxes}
      rowKey={({ id }) => id}
      empty={
        <Empty title={filtered ? 'No fax is like that' : 'No fax yet'}>
          <p>{filtered ? 'Leave out a part of the filter.' : 'Faxes that accounts send and receive stand here.'}</p>
        </Empty>
      }
      columns={[
        {
          heading: 'Accepted',
          cell: ({ id, createdAt }) => (
            <a href={href('/faxes/:id', { id })}>
              <Time at={createdAt} />
            </a>
          ),
        },
        { heading: 'State', cell: ({ state }) => <FaxMark state={state} /> },
        { heading: 'Account', cell: ({ account }) => nameOf(account), wide: true },
        { heading: 'Way', cell: ({ direction }) => (direction === 'outbound' ? 'sent' : 'received'), wide: true },
        { heading: 'From', cell: ({ from }) => from ?? '–', wide: true },
        { heading: 'To', cell: ({ to }) => to },
        { heading: 'Pages', end: true, cell: pagesOf },
        { heading: 'Calls', end: true, cell: ({ attempts }) => count(attempts), wide: true },
        { heading: 'Why', cell: ({ cause }) => (cause === null || cause === 'ok' ? '–' : words(cause)), wide: true },
      ]}
    />
  );
}

/** `2 of 5` of a fax that is sent, the number of those received. */
function pagesOf({ direction, pages, pagesConfirmed }: AdminFax): string {
  if (direction === 'inbound') return count(pages);
  return pages === null ? '–' : `${count(pagesConfirmed)} of ${count(pages)}`;
}
