import type { CarrierCopy, CarrierPurge } from '../../client/browser.ts';
import { useAccountNames } from '../accounts.ts';
import {
  Button,
  CheckField,
  Form,
  Mark,
  type MarkKind,
  More,
  Outcome,
  PageHead,
  Panel,
  Table,
  Time,
  usePaged,
} from '../components/index.ts';
import { count } from '../format.ts';
import { useMay } from '../rights.ts';
import { go, href, usePlace } from '../router.ts';
import { useAct } from '../session.tsx';

const OUTCOMES: Readonly<Record<CarrierCopy, readonly [MarkKind, string]>> = {
  pending: ['busy', 'asked to erase'],
  purged: ['good', 'erased'],
  none: ['good', 'had none'],
  kept: ['bad', 'still there'],
};

/** Copies of faxes that carriers keep still, and what is done about them. */
export function Purges() {
  const { query } = usePlace();
  const all = query.get('all') === 'yes';
  const carrier = query.get('carrier') ?? '';
  const filter = { all, ...(carrier === '' ? {} : { carrier }), limit: 50 };
  const purges = usePaged((admin, cursor) => admin.purges({ ...filter, ...cursor }), [all, carrier]);
  return (
    <>
      <PageHead title="Copies at carriers" />
      <Panel title={all ? 'All copies' : 'Copies that are not erased'}>
        <p class="quiet">
          Some carriers store a fax until they are told to erase it. The gateway tells them as soon as the call has
          ended, and again for a week.
        </p>
        <Form label="Filter" inline onSubmit={() => undefined}>
          <CheckField
            label="With those that are gone"
            checked={all}
            onInput={(yes) => go(href('/purges', {}, { carrier, all: yes ? 'yes' : '' }), 'replace')}
          />
        </Form>
        <Copies purges={purges.items} loading={purges.loading} onRetried={purges.reload} />
        <More of={purges} />
      </Panel>
    </>
  );
}

function Copies({
  purges,
  loading,
  onRetried,
}: {
  readonly purges: readonly CarrierPurge[];
  readonly loading: boolean;
  readonly onRetried: () => void;
}) {
  const nameOf = useAccountNames();
  const mayRetry = useMay('operator');
  const act = useAct();
  const retry = async (call: string) => {
    const done = await act.run(async (admin) => {
      const { outcome, detail } = await admin.retryPurge(call);
      return `The carrier was asked again: ${OUTCOMES[outcome][1]}${detail === null ? '' : ` (${detail})`}.`;
    });
    if (done) onRetried();
  };
  if (loading && purges.length === 0) return null;
  return (
    <>
      <Outcome act={act} />
      <Table
        caption="Copies, the newest first"
        quiet
        empty={<p class="empty">No carrier keeps a copy of any fax.</p>}
        rows={purges}
        rowKey={({ call }) => call}
        columns={[
          { heading: 'Fax', cell: ({ fax }) => <a href={href('/faxes/:id', { id: fax })}>{fax}</a> },
          { heading: 'Carrier', cell: ({ carrier }) => carrier },
          { heading: 'Account', cell: ({ account }) => nameOf(account), wide: true },
          { heading: 'Copy', cell: ({ outcome }) => <Mark kind={OUTCOMES[outcome][0]}>{OUTCOMES[outcome][1]}</Mark> },
          { heading: 'Carrier’s words', cell: ({ detail }) => detail ?? '–' },
          { heading: 'Since', cell: ({ since }) => <Time at={since} />, wide: true },
          { heading: 'Tries', end: true, cell: ({ tries }) => count(tries) },
          { heading: 'Next try', cell: ({ nextAt }) => <Time at={nextAt} />, wide: true },
          {
            heading: 'Do',
            cell: ({ call, outcome, fax }) =>
              mayRetry && (outcome === 'pending' || outcome === 'kept') ? (
                <Button busy={act.busy} label={`Ask again to erase ${fax}`} onPress={() => void retry(call)}>
                  Ask again
                </Button>
              ) : null,
          },
        ]}
      />
    </>
  );
}
