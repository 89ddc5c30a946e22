// Walks one story through real pages: `node run.mjs STORY ADDRESS`. Ends with 0 when everything was as told.
import { Stage } from './stage.mjs';

/** Characters of a page that are told, from its end, when something was not as told. */
const SHOWN_OF_A_PAGE = 1_500;

const [name, url] = process.argv.slice(2);
const [file, story] = name.split('.');
const walks = await import(`./${file}.mjs`);
const stage = await Stage.open(url);
try {
  await walks[story](stage);
  await stage.close();
  console.log('done');
} catch (error) {
  console.error(`${name}: ${error.stack}`);
  if (stage.faults.length > 0) console.error(stage.faults.join('\n'));
  const pages = stage.browser.contexts().flatMap((context) => context.pages());
  for (const [index, page] of pages.entries()) {
    await stage.shot(page, `fault-${name}-${index}`).catch(() => {});
    // Where no picture is kept, this is all there is to find out by.
    const text = await page.locator('body').innerText({ timeout: 2_000 }).catch((why) => `no text: ${why.message}`);
    console.error(`page ${index}, ${page.url()}: ${text.replace(/\s+/g, ' ').slice(-SHOWN_OF_A_PAGE)}`);
  }
  await stage.browser.close();
  process.exitCode = 1;
}
process.stdin.destroy();
