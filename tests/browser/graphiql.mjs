// Opens GraphiQL in headless Chromium with every other host cut off and runs each example it opens with.
// node graphiql.mjs --url http://127.0.0.1:4000/graphiql [--screenshot page.png] [--expect TEXT]
import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { GraphiqlPage } from './page.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    screenshot: { type: 'string' },
    expect: { type: 'string', default: '"me"' },
  },
});
if (!values.url) {
  console.error('usage: node graphiql.mjs --url http://127.0.0.1:4000/graphiql [--screenshot page.png] [--expect TEXT]');
  process.exit(2);
}

const { browser, page, complaints } = await openBrowser(new URL(values.url));
try {
  const graphiql = new GraphiqlPage(page);
  await graphiql.open(values.url);
  assert.equal(await page.title(), 'Encircle');

  const examples = await graphiql.tabs();
  assert.ok(examples.length >= 6, `the page opens with six examples, not with ${JSON.stringify(examples)}`);
  for (const [index, name] of examples.entries()) {
    await graphiql.selectTab(name);
    const { body, shown } = await (name.startsWith('Live') ? graphiql.watch() : graphiql.run(name));
    assertAnswer(name, body);
    assert.match(shown, /"data"/, `${name}: the response pane shows ${shown}`);
    assert.doesNotMatch(shown, /"errors"/, `${name}: the response pane shows ${shown}`);
    if (index === 0) assert.ok(shown.includes(values.expect), `${name}: no ${values.expect} in ${shown}`);
    console.log(`ok ${name}: ${Object.keys(body.data).join(', ')}`);
  }

  const roots = await graphiql.explorerFields();
  for (const root of Object.keys((await graphiql.run(examples.at(-1))).body.data)) {
    assert.ok(roots.includes(root), `the explorer lists ${root} among ${roots}`);
  }
  console.log(`ok explorer: ${roots.join(', ')}`);

  await graphiql.selectTab(examples[0]);
  if (values.screenshot) await page.screenshot({ path: values.screenshot });

  await page.reload();
  await graphiql.ready();
  assertAnswer(`${examples[0]} after a reload`, (await graphiql.run(examples[0])).body);
  console.log('ok after a reload');

  assert.deepEqual(complaints, [], 'the browser complained');
} catch (error) {
  if (values.screenshot) await page.screenshot({ path: values.screenshot });
  if (complaints.length) console.error('the browser complained:', complaints);
  throw error;
} finally {
  await browser.close();
}

function assertAnswer(name, { data, errors }) {
  assert.equal(errors, undefined, `${name} answered with errors: ${JSON.stringify(errors)}`);
  for (const [field, value] of Object.entries(data)) {
    assert.notEqual(value, null, `${name}: ${field} is null`);
  }
}
