// How fast it is: the first load, and going from room to room where there are a thousand rooms and a hundred thousand messages.
import { equal, holds, sees, until } from './stage.mjs';

const SCRIPT_MAX = 150 * 1_000;
const STYLE_MAX = 20 * 1_000;
const FIRST_REQUESTS_MAX = 20;
const SWITCH_MS = 100;
const PLACE_MS = 300;

export async function load(stage) {
  const page = await stage.page({ serviceWorkers: 'block' });
  let [script, style, requests] = [0, 0, 0];
  page.on('response', async (response) => {
    requests += 1;
    const sizes = await response.request().sizes().catch(() => null);
    const kind = response.headers()['content-type'] ?? '';
    if (kind.includes('javascript')) script += sizes?.responseBodySize ?? 0;
    if (kind.includes('css')) style += sizes?.responseBodySize ?? 0;
  });
  await stage.signIn(page, 'ana');
  await page.waitForLoadState('networkidle');
  console.log(`first load: ${script} octets of script, ${style} of style, ${requests} requests`);
  holds(script > 10_000 && script < SCRIPT_MAX, `the first load has ${script} octets of script`);
  holds(style < STYLE_MAX, `the first load has ${style} octets of style`);
  holds(requests < FIRST_REQUESTS_MAX, `the first load has ${requests} requests`);
}

export async function rooms(stage) {
  const ana = await stage.person('ana', { timezoneId: 'UTC' });
  await stage.enter(ana, 'Long');
  await ana.getByRole('button', { name: 'Follow' }).click();
  await until('all rooms are there', () => ana.locator('nav.rooms a').count(), 1_000);
  const names = ['Room 0001', 'Room 0500', 'Long', 'Room 0777', 'Long', 'Room 0500', 'Long'];
  // Each room is opened once before, as on any day.
  for (const name of ['Long', 'Room 0001', 'Room 0500', 'Room 0777']) await go(ana, name);
  const times = [];
  for (const name of names) times.push(await go(ana, name));
  console.log(`room switch: ${shown(times)}`);
  holds(middle(times) < SWITCH_MS, `a switch takes ${middle(times)} ms`);

  await go(ana, 'Long');
  const frame = ana.getByRole('log');
  await until('few of many are drawn', async () => (await ana.locator('article').count()) < 120, true);
  // Scrolling up loads page after page, and only what is on the screen is drawn.
  const oldest = () => ana.locator('article').first().getAttribute('data-post').then(Number);
  for (let times = 0; times < 12; times += 1) {
    const before = await oldest();
    await until('what was said before comes', async () => {
      await frame.evaluate((one) => (one.scrollTop = 0));
      return (await oldest()) < before;
    }, true);
  }
  holds((await ana.locator('article').count()) < 160, 'only what is on the screen is drawn');

  const guid = new URL(ana.url()).pathname.split('/')[2];
  const links = [];
  for (const post of [50_000, 12_345, 87_654]) {
    links.push(await arrival(ana, `message ${post}`, `/room/${guid}/${post}`));
  }
  console.log(`permalink into the middle: ${shown(links)}`);
  holds(middle(links) < PLACE_MS, `a permalink takes ${middle(links)} ms`);
  const days = [];
  // A thousand messages were said every eight hours, so that these are the first ones of their days (UTC).
  for (const first of [29_001, 80_001, 14_001]) {
    const day = await dayOf(ana, guid, first);
    await ana.getByRole('button', { name: 'Go to a day' }).click();
    await ana.getByLabel('Go to the day').fill(day);
    days.push(await arrival(ana, `message ${first}`));
  }
  console.log(`jump to a day: ${shown(days)}`);
  holds(middle(days) < PLACE_MS, `a jump to a day takes ${middle(days)} ms`);
  const begun = Date.now();
  await stage.go(ana, `/room/${guid}/50000`);
  await ana.locator('article.target', { hasText: 'message 50000' }).waitFor();
  console.log(`the same with the whole page and its thousand rooms: ${Date.now() - begun} ms`);
  await ana.getByRole('button', { name: 'To the newest' }).click();
  await sees(ana, 'message 100000');
  await stage.shot(ana, 'long-room');
}

/** The day on which a message was said. */
function dayOf(page, guid, post) {
  return page.evaluate(
    ([room, number]) =>
      fetch(`/api/v1/rooms/${room}/messages?post=${number}&limit=10`)
        .then((answer) => answer.json())
        .then(({ messages }) => messages.find((one) => one.post === number).time.slice(0, 10)),
    [guid, post],
  );
}

/** Goes to a permalink, or with none to the day that was chosen; how long until its post is on the screen. */
async function arrival(page, text, path = null) {
  return page.evaluate(
    ([wanted, link]) =>
      new Promise((done, fail) => {
        const begun = performance.now();
        if (link) {
          history.pushState(null, '', link);
          dispatchEvent(new PopStateEvent('popstate'));
        } else document.querySelector('form.date').requestSubmit();
        const look = () => {
          if (document.querySelector('article.target .words')?.textContent === wanted) done(performance.now() - begun);
          else if (performance.now() - begun > 20_000) fail(new Error(`${wanted} does not come`));
          else requestAnimationFrame(look);
        };
        look();
      }),
    [text, path],
  );
}

/** The one in the middle, when they stand in order. */
function middle(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

function shown(times) {
  return `median ${middle(times).toFixed(0)} ms of ${times.map((time) => time.toFixed(0)).join(', ')}`;
}

/** Goes to a room by the list; how long until its words are on the screen. */
async function go(page, name) {
  const link = page.locator('nav.rooms a', { hasText: name }).first();
  return link.evaluate(
    (one, wanted) =>
      new Promise((done) => {
        const begun = performance.now();
        one.click();
        const look = () => {
          const here = document.querySelector('.room h1')?.textContent === wanted && document.querySelector('.room article .words');
          if (here) done(performance.now() - begun);
          else requestAnimationFrame(look);
        };
        look();
      }),
    name,
  );
}
