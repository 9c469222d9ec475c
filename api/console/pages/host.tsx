import { Facts, Loading, Mark, PageHead, Panel } from '../components/index.ts';
import { useLoad } from '../session.tsx';

/** What the gateway says of itself: whether everything answers, and whether it waits after a restore. */
export function Host() {
  const restore = useLoad((admin) => admin.restore(), []);
  return (
    <>
      <PageHead title="Host and restore" />
      <Panel title="After a restore">
        <Loading from={restore}>
          {({ held }) => (
            <Facts
              of={[['State', held ? <Mark kind="warning">waits</Mark> : <Mark kind="good">goes on as ever</Mark>]]}
            />
          )}
        </Loading>
      </Panel>
    </>
  );
}
