import { render } from 'preact';
import { Console } from './console.tsx';
import { takeReturn } from './provider-trip.ts';

/** What a window shows whose person has proved at a provider who it is: the page that had asked goes on. */
function ComeBack() {
  return (
    <main class="sign-in" id="main">
      <h1>Sealfax console</h1>
      <p>The console that asked for this has your answer. You may close this window.</p>
    </main>
  );
}

const where = takeReturn();
const place = document.getElementById('console');
if (place !== null) render(where === 'here' ? <Console /> : <ComeBack />, place);
if (where === 'elsewhere') window.close();
