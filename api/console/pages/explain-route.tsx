import { useState } from 'preact/hooks';
import type { Account, RouteExplanation, RouteQuestion } from '../../client/browser.ts';
import {
  Button,
  Facts,
  FaultNotice,
  Form,
  Mark,
  Notice,
  Panel,
  SelectField,
  Table,
  TextField,
  Time,
} from '../components/index.ts';
import { count, money } from '../format.ts';
import { useAct, useLoad } from '../session.tsx';
import { load } from './carriers.tsx';

/** What a person types. */
interface Typed {
  readonly number: string;
  readonly account: string;
  readonly from: string;
  /** As `datetime-local` has it; empty: now. */
  readonly at: string;
}

/** Asks the planner of the calls itself who would carry a call to a number. */
export function ExplainRoute() {
  const [typed, setTyped] = useState<Typed>({ number: '', account: '', from: '', at: '' });
  const [answer, setAnswer] = useState<RouteExplanation | undefined>(undefined);
  const accounts = useLoad((admin) => admin.accounts(), []);
  const act = useAct();
  const type = (change: Partial<Typed>) => setTyped({ ...typed, ...change });
  const submit = async () => {
    setAnswer(undefined);
    await act.run(async (admin) => setAnswer(await admin.explainRoute(questionOf(typed))));
  };
  const wrong = act.fault?.fields ?? {};
  return (
    <Panel title="Which way would a call go?">
      <Form label="Explain a number" inline onSubmit={() => void submit()}>
        <TextField
          label="Number"
          type="tel"
          placeholder="+49301234567"
          value={typed.number}
          error={wrong['/number']}
          onInput={(number) => type({ number })}
          required
        />
        <SelectField
          label="Account"
          value={typed.account}
          options={[['', 'nobody in particular'], ...accountOptions(accounts.value ?? [])]}
          onInput={(account) => type({ account })}
        />
        <TextField
          label="From"
          type="tel"
          value={typed.from}
          error={wrong['/from']}
          onInput={(from) => type({ from })}
        />
        <TextField
          label="At"
          type="datetime-local"
          value={typed.at}
          error={wrong['/at']}
          onInput={(at) => type({ at })}
        />
        <Button kind="main" type="submit" busy={act.busy}>
          Explain
        </Button>
      </Form>
      <FaultNotice fault={act.fault} />
      <div aria-live="polite">{answer === undefined ? null : <Answer of={answer} />}</div>
    </Panel>
  );
}

const accountOptions = (accounts: readonly Account[]) => accounts.map(({ name }) => [name, name] as const);

function questionOf({ number, account, from, at }: Typed): RouteQuestion {
  return {
    number: number.replaceAll(/[\s()/-]/g, ''),
    ...(account === '' ? {} : { account }),
    ...(from.trim() === '' ? {} : { from: from.replaceAll(/[\s()/-]/g, '') }),
    ...(at === '' ? {} : { at: new Date(at).toISOString() }),
  };
}

function Answer({
  of: { to, at, rule, order, currency, carriers, leftOut, waitFor, lessons },
}: {
  readonly of: RouteExplanation;
}) {
  const first = carriers[0];
  return (
    <div class="answer">
      {first === undefined ? (
        <Notice kind={waitFor === null ? 'fault' : 'warning'} title="No carrier takes this call now.">
          {waitFor === null ? 'A fax would fail.' : `A fax would wait in the line of ${waitFor}.`}
        </Notice>
      ) : (
        <Notice kind="good" title={`${first.name} would call ${to}.`}>
          {first.reasons.join('; ')}
        </Notice>
      )}
      <Facts
        of={[
          ['Rule', rule ?? 'none fits: all carriers as the settings list them'],
          ['Order', order === 'listed' ? 'as listed' : 'cheapest first'],
          ['Asked for', <Time key="at" at={at} />],
        ]}
      />
      <Asked carriers={carriers} currency={currency} />
      <LeftOut carriers={leftOut} />
      {lessons.length === 0 ? null : (
        <>
          <h3>What calls have taught about the number</h3>
          <ul>
            {lessons.map((lesson) => (
              <li key={lesson}>{lesson}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Asked({ carriers, currency }: Pick<RouteExplanation, 'carriers' | 'currency'>) {
  if (carriers.length === 0) return null;
  return (
    <Table
      caption="Carriers in the order in which they would be called"
      rows={carriers}
      rowKey={({ name }) => name}
      columns={[
        { heading: 'Carrier', cell: ({ name }) => name },
        { heading: 'Why', cell: ({ reasons, trial }) => <Reasons reasons={reasons} trial={trial} /> },
        { heading: 'Shows', cell: ({ shows }) => shows ?? '–', wide: true },
        { heading: 'One page', end: true, cell: ({ price }) => money(price, currency) },
        { heading: 'Calls', end: true, cell: ({ calls, maxCalls }) => load(calls, maxCalls) },
        { heading: 'Waiting', end: true, cell: ({ waiting }) => count(waiting), wide: true },
      ]}
    />
  );
}

function LeftOut({ carriers }: { readonly carriers: RouteExplanation['leftOut'] }) {
  if (carriers.length === 0) return null;
  return (
    <Table
      caption="Carriers that are left out"
      rows={carriers}
      rowKey={({ name }) => name}
      columns={[
        { heading: 'Carrier', cell: ({ name }) => name },
        { heading: 'Why not', cell: ({ sentence }) => sentence },
        { heading: 'For how long', cell: ({ passing }) => (passing ? 'for now' : 'as long as it is so set') },
      ]}
    />
  );
}

function Reasons({ reasons, trial }: { readonly reasons: readonly string[]; readonly trial: boolean }) {
  return (
    <>
      {trial ? <Mark kind="busy">on trial</Mark> : null} {reasons.join('; ')}
    </>
  );
}
