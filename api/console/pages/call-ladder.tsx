import { useState } from 'preact/hooks';
import { Button, Loading } from '../components/index.ts';
import { Ladder } from '../components/ladder.tsx';
import { useLoad } from '../session.tsx';

/** The ladder of an ended call: at once, or when somebody asks for it. */
export function CallLadderOf({ call, open }: { readonly call: string; readonly open: boolean }) {
  const [wanted, setWanted] = useState(open);
  if (!wanted) {
    return (
      <p>
        <Button onPress={() => setWanted(true)}>Show what was said on the line</Button>
      </p>
    );
  }
  return <ReadLadder call={call} />;
}

function ReadLadder({ call }: { readonly call: string }) {
  const ended = useLoad((admin) => admin.call(call), [call]);
  return (
    <Loading from={ended}>
      {({ ladder }) =>
        ladder === null || ladder.steps.length === 0 ? (
          <p class="quiet">This carrier does not tell what was said on the line.</p>
        ) : (
          <Ladder of={ladder} />
        )
      }
    </Loading>
  );
}
