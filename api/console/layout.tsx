import { useState } from 'preact/hooks';
import type { Me } from '../client/browser.ts';
import { Button, PageHead } from './components/index.ts';
import { PAGES, type Page } from './pages.tsx';
import { href, match, type Place, usePlace } from './router.ts';
import { may, useSession } from './session.tsx';

/** Head, navigation, and the page that the address names. */
export function Layout() {
  const place = usePlace();
  const { me, host, signOut } = useSession();
  const [open, setOpen] = useState(false);
  const found = pageAt(place, me);
  return (
    <>
      <button type="button" class="skip" onClick={() => document.querySelector<HTMLElement>('h1')?.focus()}>
        To the page
      </button>
      <header class="top">
        <a class="name" href={href('/')}>
          Sealfax
        </a>
        <button
          type="button"
          class="button quiet menu"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          Menu
        </button>
        <span class="who">
          <a href={href('/me')}>{me.name}</a> ({me.role}
          {me.scope === null ? '' : ` of ${me.scope.name}`}) at {host}
        </span>
        <Button onPress={() => signOut('You have signed out.')}>Sign out</Button>
      </header>
      <div class="body">
        <nav id="navigation" aria-label="Pages" class={open ? 'open' : ''}>
          <ul>
            {PAGES.flatMap((page) => {
              const { path, nav } = page;
              return nav === undefined || !isFor(page, me)
                ? []
                : [
                    <li key={path}>
                      <a
                        href={href(path)}
                        {...(path === found?.nav ? { 'aria-current': 'page' as const } : {})}
                        onClick={() => setOpen(false)}
                      >
                        {nav}
                      </a>
                    </li>,
                  ];
            })}
          </ul>
        </nav>
        <main id="main">{found === undefined ? <NoPage /> : found.page}</main>
      </div>
    </>
  );
}

/** Whether somebody has a use for a page. */
const isFor = ({ everybody, least }: Page, me: Me) =>
  (everybody === true || me.scope === null) && (least === undefined || may(me, least));

/** The page at a place, and which entry of the navigation it belongs to. */
function pageAt({ path }: Place, me: Me) {
  for (const page of PAGES) {
    const parameters = match(page.path, path);
    if (parameters === undefined) continue;
    if (!isFor(page, me)) return undefined;
    const Shown = page.component;
    return { nav: page.nav === undefined ? page.under : page.path, page: <Shown key={path} parameters={parameters} /> };
  }
  return undefined;
}

function NoPage() {
  return (
    <>
      <PageHead title="There is no such page" />
      <p>
        The address may have been cut off. <a href={href('/')}>To the dashboard</a>
      </p>
    </>
  );
}
