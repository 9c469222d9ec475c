import type { User } from '../../client/browser.ts';
import { Loading, Panel } from '../components/index.ts';
import { Copied } from '../components/secret.tsx';
import { useLoad } from '../session.tsx';

/** With what a client of this user is configured, as often as somebody asks. It holds no secret. */
export function ConnectionString({ user: { id, realm, name } }: { readonly user: User }) {
  const found = useLoad((admin) => admin.connection(id), [id]);
  return (
    <Panel title="Connection string">
      <p class="quiet">
        {realm === 'api'
          ? 'The program is configured with it and with its secret, which it does not hold.'
          : 'It is pasted at the first sign-in, and into SEALFAX_ADMIN_CONNECTION. It holds no secret.'}
      </p>
      <Loading from={found}>
        {({ connection, pins }) => (
          <>
            <Copied label={`String of ${name}`} text={connection} />
            {pins.length > 1 ? (
              <p class="quiet">It holds the pin of the next root, too: clients with it need no other later.</p>
            ) : null}
          </>
        )}
      </Loading>
    </Panel>
  );
}
