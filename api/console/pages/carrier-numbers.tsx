import { useState } from 'preact/hooks';
import type { Account, CarrierNumber } from '../../client/browser.ts';
import { Button, Form, Loading, Outcome, Panel, SelectField, Table } from '../components/index.ts';
import { counted } from '../format.ts';
import { useMay } from '../rights.ts';
import { useAct, useLoad } from '../session.tsx';

/** Fax numbers that we have at a carrier, asked for when somebody wants them: the carrier itself is asked. */
export function CarrierNumbers({ carrier }: { readonly carrier: string }) {
  const [asked, setAsked] = useState(false);
  return (
    <Panel title="Numbers at this carrier">
      {asked ? (
        <Asked carrier={carrier} />
      ) : (
        <p class="actions">
          <Button onPress={() => setAsked(true)}>Ask the carrier</Button>
          <span class="quiet">Not every carrier has a list of its numbers.</span>
        </p>
      )}
    </Panel>
  );
}

function Asked({ carrier }: { readonly carrier: string }) {
  const mayImport = useMay('admin');
  const numbers = useLoad((admin) => Promise.all([admin.carrierNumbers(carrier), admin.accounts()]), [carrier]);
  return (
    <Loading from={numbers}>
      {([items, accounts]) => (
        <>
          {mayImport ? <Import carrier={carrier} numbers={items} accounts={accounts} onDone={numbers.reload} /> : null}
          <Table
            caption={`${counted(items.length, 'number')} that the carrier says we have`}
            rows={items}
            rowKey={({ number }) => number}
            columns={[
              { heading: 'Number', cell: ({ number }) => number },
              { heading: 'Label', cell: ({ label }) => label },
              { heading: 'Account', cell: ({ account }) => nameOf(accounts, account) },
            ]}
          />
        </>
      )}
    </Loading>
  );
}

function nameOf(accounts: readonly Account[], id: string | null): string {
  return id === null ? 'nobody’s' : (accounts.find((account) => account.id === id)?.name ?? id);
}

/** Gives those that nobody has to an account, all at once. */
function Import({
  carrier,
  numbers,
  accounts,
  onDone,
}: {
  readonly carrier: string;
  readonly numbers: readonly CarrierNumber[];
  readonly accounts: readonly Account[];
  readonly onDone: () => void;
}) {
  const free = numbers.filter(({ account }) => account === null).map(({ number }) => number);
  const [account, setAccount] = useState(accounts[0]?.name ?? '');
  const act = useAct();
  const submit = async () => {
    const done = await act.run(async (admin) => {
      const { added } = await admin.importNumbers(carrier, { account, numbers: free });
      return `${counted(added.length, 'number')} given to ${account}.`;
    });
    if (done) onDone();
  };
  return (
    <>
      <Outcome act={act} />
      {free.length === 0 || accounts.length === 0 ? null : (
        <Form label="Give the numbers to an account" inline onSubmit={() => void submit()}>
          <SelectField
            label={`Account for ${counted(free.length, 'number')} that nobody has`}
            value={account}
            options={accounts.map(({ name, title }) => [name, title === '' ? name : `${name} · ${title}`])}
            onInput={setAccount}
          />
          <Button type="submit" busy={act.busy}>
            Give them to it
          </Button>
        </Form>
      )}
    </>
  );
}
