import { useState } from 'preact/hooks';
import type { CdrReport, SavedQuery, SavedReport } from '../../../client/browser.ts';
import {
  Button,
  Confirm,
  Dialog,
  Empty,
  Form,
  Loading,
  Outcome,
  Panel,
  Table,
  TextField,
  Time,
} from '../../components/index.ts';
import { day } from '../../format.ts';
import { DIMENSIONS, GROUPS, PERIODS, type WantedReport, wantedOf } from '../../report-query.ts';
import { useMay } from '../../rights.ts';
import { useAct, useLoad } from '../../session.tsx';
import { ScheduleReport } from './schedule.tsx';

/** The reports that have names, and the dialog that gives one to the report of the page. */
export function SavedReports({
  query,
  onOpen,
}: {
  /** What the page asks for now. */
  readonly query: CdrReport & { account?: string };
  readonly onOpen: (wanted: WantedReport) => void;
}) {
  const mayChange = useMay('operator', 'own');
  const [open, setOpen] = useState<
    { readonly what: 'save' | 'remove' | 'mail'; readonly report?: SavedReport } | undefined
  >();
  const reports = useLoad((admin) => admin.reports.list(), []);
  const act = useAct();
  const over = () => {
    setOpen(undefined);
    reports.reload();
  };
  const remove = async (name: string) => {
    await act.run(async (admin) => {
      await admin.reports.remove(name);
      return `${name} is removed.`;
    });
    over();
  };
  return (
    <Panel
      title="Saved reports"
      aside={mayChange ? <Button onPress={() => setOpen({ what: 'save' })}>Save this report</Button> : undefined}
    >
      <Outcome act={act} />
      <Loading from={reports}>
        {(items) => (
          <Table
            caption="Saved reports"
            quiet
            rows={items}
            rowKey={({ name }) => name}
            empty={<Empty title="None is saved yet">A report with a name moves with the calendar.</Empty>}
            columns={[
              {
                heading: 'Report',
                cell: ({ name, query: saved }) => (
                  <Button kind="quiet" label={`Open ${name}`} onPress={() => onOpen(wantedOf(saved, day(new Date())))}>
                    {name}
                  </Button>
                ),
              },
              { heading: 'Title', cell: ({ title }) => title },
              { heading: 'Counts', cell: ({ query: saved }) => questionOf(saved) },
              { heading: 'Changed', cell: ({ changedAt }) => <Time at={changedAt} />, wide: true },
              {
                heading: 'Do',
                cell: (report) =>
                  mayChange ? (
                    <span class="actions">
                      <Button label={`Mail ${report.name}`} onPress={() => setOpen({ what: 'mail', report })}>
                        Mail
                      </Button>
                      <Button label={`Remove ${report.name}`} onPress={() => setOpen({ what: 'remove', report })}>
                        Remove
                      </Button>
                    </span>
                  ) : null,
              },
            ]}
          />
        )}
      </Loading>
      {open?.what === 'save' ? <SaveReport query={query} onSaved={over} onClose={() => setOpen(undefined)} /> : null}
      {open?.what === 'mail' && open.report !== undefined ? (
        <ScheduleReport name={open.report.name} onClose={() => setOpen(undefined)} />
      ) : null}
      {open?.what !== 'remove' || open.report === undefined ? null : (
        <Confirm
          title={`Remove ${open.report.name}?`}
          verb="Remove"
          danger
          busy={act.busy}
          onConfirm={() => void remove(open.report?.name ?? '')}
          onClose={() => setOpen(undefined)}
        >
          <p>Records and sums stay; only the question is forgotten.</p>
        </Confirm>
      )}
    </Panel>
  );
}

function SaveReport({
  query,
  onSaved,
  onClose,
}: {
  readonly query: CdrReport & { account?: string };
  readonly onSaved: () => void;
  readonly onClose: () => void;
}) {
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const act = useAct();
  const { by = [], ...rest } = query;
  const save = async () => {
    const saved = { ...rest, by: [...by] } satisfies Partial<SavedQuery>;
    if (await act.run((admin) => admin.reports.save(name.trim(), { title: title.trim(), query: saved }))) onSaved();
  };
  return (
    <Dialog title="Save this report" onClose={onClose}>
      <Form label="Save this report" onSubmit={() => void save()}>
        <TextField
          label="Name"
          required
          hint="Lower-case letters, digits, dots and hyphens. A report that has the name is replaced."
          value={name}
          onInput={setName}
        />
        <TextField label="What it is for" value={title} onInput={setTitle} />
        <Outcome act={act} />
        <p class="actions">
          <Button kind="main" type="submit" busy={act.busy}>
            Save
          </Button>
          <Button onPress={onClose}>Leave it</Button>
        </p>
      </Form>
    </Dialog>
  );
}

/** `the last 30 days, by day, by carrier and cause`. */
function questionOf({ period, from, to, group, by }: SavedQuery): string {
  const named = (of: readonly (readonly [string, string])[], value: string) =>
    of.find(([one]) => one === value)?.[1] ?? value;
  const when =
    period === undefined ? `from ${from ?? 'this month'} to before ${to ?? 'tomorrow'}` : named(PERIODS, period);
  const what = by.map((name) => named(DIMENSIONS, name));
  return [
    when,
    group === 'total' ? 'all in one' : `by ${named(GROUPS, group)}`,
    ...(by.length === 0 ? [] : [what.join(' and ')]),
  ].join(', ');
}
